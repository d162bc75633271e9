import { stat } from 'node:fs/promises';
import { readText } from './workspace.mjs';

const SHOWN = 50;
const LOOK_MS = 300;

/** A mail of the notice file: its four lines of head, then the text until the next head. */
const HEAD = /^Date: (.+)\nRecipient: \{(.*) (\S+)\}\nSubject: (.+)\n/gm;

/** The mails of a notice file that is appended to, newest first. */
export function parseMails(text) {
  const heads = [...text.matchAll(HEAD)];
  return heads
    .map((head, i) => {
      const [all, date, name, address, subject] = head;
      return { date, name, address, subject, text: text.slice(head.index + all.length, heads[i + 1]?.index).trim() };
    })
    .reverse()
    .slice(0, SHOWN);
}

const SCRIPT = `
const list = document.querySelector('#mails');
const make = (tag, text, className = '') => Object.assign(document.createElement(tag), { textContent: text, className });
function lines(text) {
  const box = make('pre', '');
  for (const part of text.split(/(https?:\\/\\/\\S+)/)) box.append(/^https?:/.test(part) ? Object.assign(make('a', part), { href: part }) : part);
  return box;
}
async function show() {
  const mails = await (await fetch('mails')).json();
  document.title = mails.length === 0 ? 'Mails' : '(' + mails.length + ') Mails';
  list.replaceChildren(...mails.map((mail) => {
    const item = make('article', '');
    item.append(make('h2', mail.subject), make('p', 'to ' + mail.name + ' <' + mail.address + '>, ' + mail.date.replace(/\\.\\d+/, ''), 'soft'), lines(mail.text));
    return item;
  }));
  if (mails.length === 0) list.append(make('p', 'Nothing yet. Codes and links appear here as they are sent.', 'soft'));
}
new EventSource('changes').onmessage = show;
`;

const PAGE = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Mails</title>
<style>
:root { color-scheme: light dark } body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1rem }
article { border: 1px solid color-mix(in srgb, currentColor 20%, transparent); border-radius: 12px; padding: 1rem 1.25rem; margin: 1rem 0 }
h2 { font-size: 1.1rem; margin: 0 } .soft { opacity: .7; margin: .25rem 0 } pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: 1rem 0 0 }
</style>
<h1>Mails of the demonstration</h1>
<p class="soft">Whatever Portcullis would send. Only this machine sees them.</p>
<main id="mails" aria-live="polite"></main>
<noscript>Without JavaScript: <a href="mails">the mails as JSON</a>.</noscript>
<script>${SCRIPT}</script>
</html>
`;

/** Says "something changed" to a page as long as it is open, and once at its beginning. */
function tellChanges(file, request, response) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  let seen;
  const look = async () => {
    const now = await stat(file).then(
      ({ mtimeMs, size }) => `${mtimeMs} ${size}`,
      () => 'none',
    );
    if (now !== seen) response.write('data: changed\n\n');
    seen = now;
  };
  void look();
  const timer = setInterval(look, LOOK_MS);
  request.on('close', () => clearInterval(timer));
}

/** Answers the requests to the mail page of the demonstration, over the notice file. */
export const mailPages = (file) => (request, response) => {
  const path = request.url.split('?', 1)[0];
  if (path === '/changes') tellChanges(file, request, response);
  else if (path === '/mails') {
    const body = JSON.stringify(parseMails(readText(file) ?? ''));
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' }).end(body);
  } else response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(PAGE);
};
