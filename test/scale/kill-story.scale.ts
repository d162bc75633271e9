import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { passwordOf, PORTAL_HOST } from '../attacks/world.js';
import { describeWith, http, resultsDir, type RunningScaled, until } from '../support/index.js';
import { browser, startSite, type Answer, type Asked } from './site.js';

/** For whoever looks into something: shorter, or with the gateways on one port. */
const SHARED = process.env['KILL_STORY_SHARED'] === '1';
const SECONDS = Number(process.env['KILL_STORY_SECONDS'] ?? 180);
const KILL_EVERY_MS = 5000;
const VERIFIES_A_SECOND = 500;
const TICK_MS = 20;
const SERVICES = ['verify-gateway', 'identity', 'session', 'notifier'] as const;
const APP = { host: 'app.example.com', path: '/' };
/** After a sign-out was answered. */
const ENDINGS_ARRIVE_MS = 1000;
const MOST_SIGNED_IN = 40;
/** Until nginx has seen that a connection it keeps is dead: a POST that it had sent on it is not sent again. */
const NGINX_LEARNS_MS = 50;

interface Visitor {
  readonly name: string;
  readonly cookie: string;
  endedAtMs?: number;
}

interface Failure {
  readonly what: string;
  readonly askedAtMs: number;
  readonly endedAtMs: number;
  readonly answer: string;
}

const isReady = (scaled: RunningScaled, name: string): Promise<boolean> =>
  http(scaled.management(name), { path: '/health/ready', timeoutMs: 1000 }).then(
    ({ status }) => status === 200,
    () => false,
  );

/** One that has ended and is not yet waited for is gone: its sockets are closed. */
function isAlive(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0] !== 'Z';
  } catch {
    return false;
  }
}

describeWith(['redis', 'nginx'], 'one of each is killed every five seconds', () => {
  it(
    `for ${SECONDS} seconds under ${VERIFIES_A_SECOND} verifies and two sign-ins a second: nobody notices`,
    { timeout: (SECONDS * 3 + 240) * 1000 },
    async () => {
      const people = Array.from({ length: 20 }, (_, index) => `person${index}`);
      const mailed = Array.from({ length: SECONDS * 2 }, (_, index) => `mailed${index}x`);
      const { scaled, redis, nginx } = await startSite([...people, ...mailed], { apart: !SHARED });
      const verifier = browser(nginx);
      const tally = {
        verifies: 0,
        signIns: 0,
        signOuts: 0,
        notices: 0,
        kills: 0,
        killedBeforeReady: 0,
        bothAway: 0,
        slowestReturnMs: 0,
        wrong: 0,
        lost: 0,
      };
      const wrong: string[] = [];
      const failures: Failure[] = [];
      const kills: { readonly name: string; readonly atMs: number; readonly goneMs: number }[] = [];
      const signedIn: Visitor[] = [];
      const ended: Visitor[] = [];
      const asked: string[] = [];
      const open = new Set<Promise<void>>();
      let addresses = 0;
      const begunMs = performance.now();
      const nowMs = (): number => performance.now() - begunMs;

      /** An answer that people get on a good day, else undefined: the failure is kept. */
      const ask = async (what: string, request: Asked, from = verifier): Promise<Answer | undefined> => {
        const askedAtMs = nowMs();
        try {
          const answer = await from.ask(request);
          if (answer.status < 500) return answer;
          failures.push({ what, askedAtMs, endedAtMs: nowMs(), answer: `${answer.status} ${answer.body.slice(0, 120)}` });
        } catch (error) {
          failures.push({ what, askedAtMs, endedAtMs: nowMs(), answer: String(error) });
        }
        return undefined;
      };
      /** From a new address each time. */
      const post = async (what: string, path: string, json: object, cookie?: string): Promise<Answer | undefined> => {
        addresses += 1;
        const from = browser(nginx, `127.${1 + (addresses >> 8)}.${addresses & 255}.1`);
        const answer = await ask(what, { host: PORTAL_HOST, path, json, ...(cookie === undefined ? {} : { cookie }) }, from);
        from.close();
        return answer;
      };
      const isWrong = (text: string): void => {
        tally.wrong += 1;
        wrong.push(`${Math.round(nowMs())} ms: ${text}`);
      };

      const verify = async (visitor: Visitor | undefined): Promise<void> => {
        tally.verifies += 1;
        const { cookie } = visitor ?? {};
        const sentAtMs = nowMs();
        const answer = await ask('verify', { ...APP, ...(cookie === undefined ? {} : { cookie }) });
        if (answer === undefined) return;
        const isSignedIn = visitor !== undefined && visitor.endedAtMs === undefined;
        const isOut = visitor === undefined || (visitor.endedAtMs !== undefined && sentAtMs - visitor.endedAtMs > ENDINGS_ARRIVE_MS);
        if (isOut && answer.status !== 302) isWrong(`${visitor?.name ?? 'nobody'}, not signed in, was answered ${answer.status}`);
        if (answer.status === 200 && answer.body !== visitor?.name) isWrong(`${visitor?.name ?? 'nobody'} was taken for ${answer.body}`);
        if (isSignedIn && answer.status !== 200) {
          tally.lost += 1;
          wrong.push(`${Math.round(nowMs())} ms: ${visitor.name} was answered ${answer.status}`);
          signedIn.splice(signedIn.indexOf(visitor), 1);
        }
      };
      const comeAndGo = async (name: string): Promise<void> => {
        tally.signIns += 1;
        const answer = await post('sign-in', '/api/firstfactor', { username: name, password: passwordOf(name), keepMeLoggedIn: false });
        if (answer?.cookie !== undefined) signedIn.push({ name, cookie: answer.cookie });
        else if (answer !== undefined) isWrong(`the right password of ${name} was answered ${answer.status} ${answer.body}`);
        if (signedIn.length <= MOST_SIGNED_IN) return;
        const leaving = signedIn.shift();
        if (leaving === undefined) return;
        tally.signOuts += 1;
        // From here on until the answer either is right; without an answer, for good.
        leaving.endedAtMs = Number.POSITIVE_INFINITY;
        if ((await post('sign-out', '/api/logout', {}, leaving.cookie))?.status === 200) {
          leaving.endedAtMs = nowMs();
          ended.push(leaving);
        }
      };
      const askForMail = async (name: string): Promise<void> => {
        tally.notices += 1;
        if ((await post('notice', '/api/reset-password/identity/start', { username: name }))?.status === 200) asked.push(name);
      };
      /** A process takes a moment to die, and until its sockets are closed they take connections. */
      const kill = async (service: string, isSecond: boolean): Promise<void> => {
        const [name, other] = isSecond ? [`${service}-2`, service] : [service, `${service}-2`];
        const [wasReady, isOtherReady] = await Promise.all([isReady(scaled, name), isReady(scaled, other)]);
        if (!wasReady) tally.killedBeforeReady += 1;
        if (!isOtherReady) tally.bothAway += 1;
        const pid = scaled.pidOf(name);
        // It has not been started again yet.
        if (pid === undefined) return;
        const atMs = nowMs();
        process.kill(pid, 'SIGKILL');
        tally.kills += 1;
        await until(() => !isAlive(pid), { everyMs: 2, timeoutMs: 10_000, what: `${name} to be gone` });
        kills.push({ name, atMs, goneMs: nowMs() });
        await until(() => isReady(scaled, name), { everyMs: 50, timeoutMs: KILL_EVERY_MS * 2, what: `${name} to be ready again` }).then(
          () => {
            tally.slowestReturnMs = Math.max(tally.slowestReturnMs, Math.round(nowMs() - atMs));
          },
          () => undefined,
        );
      };
      const start = (work: Promise<void>): void => {
        open.add(work);
        void work.finally(() => open.delete(work));
      };

      for (const name of people) await comeAndGo(name);
      expect(failures).toEqual([]);
      Object.assign(tally, { signIns: 0 });
      let verifies = 0;
      let ticks = 0;
      const beganMs = nowMs();
      const due = (): number => ((nowMs() - beganMs) / 1000) * VERIFIES_A_SECOND;
      const traffic = setInterval(() => {
        ticks += 1;
        for (; verifies < due() && open.size < 400; verifies += 1) {
          const turn = verifies % 10;
          start(verify(turn === 9 ? undefined : turn === 8 ? ended.at(-1 - (verifies % 50)) : signedIn[verifies % signedIn.length]));
        }
        if (ticks % (500 / TICK_MS) === 0) start(comeAndGo(people[tally.signIns % people.length]!));
        if (ticks % (2000 / TICK_MS) === 0) start(askForMail(mailed[tally.notices]!));
      }, TICK_MS);
      for (let round = 1; round * KILL_EVERY_MS <= SECONDS * 1000; round += 1) {
        await until(() => nowMs() - beganMs >= round * KILL_EVERY_MS, { timeoutMs: 60_000, everyMs: 20, what: 'the next five seconds' });
        // Not waited for: the next ones are killed in five seconds, whether these are there again or not.
        for (const service of SERVICES) start(kill(service, round % 2 === 0));
      }
      await until(() => nowMs() - beganMs > SECONDS * 1000 + 2000, { timeoutMs: 60_000, everyMs: 200, what: 'the time to be over' });
      clearInterval(traffic);
      await until(() => open.size === 0, { timeoutMs: 30_000, what: 'the last answers' });
      // In Redis, and asked of the gateways once more.
      for (const visitor of [...signedIn]) await verify(visitor);
      for (const visitor of ended) await verify(visitor);

      const mails = (): readonly string[] => readFileSync(scaled.mailFile, 'utf8').split(/^(?=Date: )/m);
      const count = (name: string): number => mails().filter((mail) => mail.includes(`${name}@example.com`)).length;
      await until(() => asked.every((name) => count(name) > 0), { timeoutMs: 90_000, everyMs: 500, what: 'every notice' }).catch(() => undefined);
      const noticesLost = asked.filter((name) => count(name) === 0);
      const noticesDoubled = mailed.filter((name) => count(name) > 1);
      verifier.close();

      /** On its way while a process died: on its socket, one that nginx still keeps among them, or a call that it held. */
      const wasUnderWay = ({ askedAtMs, endedAtMs }: Failure): boolean =>
        kills.some(({ atMs, goneMs }) => askedAtMs <= goneMs + NGINX_LEARNS_MS && atMs <= endedAtMs);
      const others = failures.filter((failure) => !wasUnderWay(failure));
      const of = (what: string): number => failures.filter((failure) => failure.what === what).length;
      const row = {
        at: new Date().toISOString(),
        seconds: Math.round((nowMs() - beganMs) / 1000),
        ...tally,
        noticesLost: noticesLost.length,
        noticesDoubled: noticesDoubled.length,
        failed: { verify: of('verify'), 'sign-in': of('sign-in'), 'sign-out': of('sign-out'), notice: of('notice'), notUnderWay: others.length },
        redis: await redis.cli('DBSIZE'),
      };
      mkdirSync(join(resultsDir, 'scale'), { recursive: true });
      writeFileSync(join(resultsDir, 'scale', 'kill-story.json'), `${JSON.stringify({ ...row, wrongs: wrong, failures, kills }, null, 2)}\n`);
      process.stdout.write(`${JSON.stringify(row)}\n`);
      expect({ wrong: wrong.slice(0, 20), noticesLost, noticesDoubled, others: others.slice(0, 20), lost: tally.lost }).toEqual({
        wrong: [],
        noticesLost: [],
        noticesDoubled: [],
        others: [],
        lost: 0,
      });
    },
  );
});
