import { createServer, type IncomingMessage } from 'node:http';
import { listenLocally } from './listen-locally.js';

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  /** Names in lower case; several of one name are joined as Node does. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** As they came: name, value, name, value. */
  readonly rawHeaders: readonly string[];
}

export interface RunningBackend {
  readonly port: number;
  readonly url: string;
  readonly requests: readonly SeenRequest[];
}

const seen = ({ method = '', url = '', headers, rawHeaders }: IncomingMessage): SeenRequest => ({ method, url, headers, rawHeaders });

function page(request: SeenRequest): string {
  const json = JSON.stringify(request, undefined, 2).replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<!doctype html><title>The application</title><h1>The application</h1><pre id="request">${json}</pre>`;
}

/** An application behind the gate: answers every request with what it was sent, as JSON, or as a page to a browser where `html` is set. */
export async function startBackend({ html = false } = {}): Promise<RunningBackend> {
  const requests: SeenRequest[] = [];
  const server = createServer((incoming, response) => {
    const request = seen(incoming);
    requests.push(request);
    const wantsPage = html && incoming.headers.accept?.includes('text/html') === true;
    response.writeHead(200, { 'Content-Type': wantsPage ? 'text/html; charset=utf-8' : 'application/json' });
    response.end(wantsPage ? page(request) : JSON.stringify(request));
  });
  const port = await listenLocally(server);
  return { port, url: `http://127.0.0.1:${port}`, requests };
}
