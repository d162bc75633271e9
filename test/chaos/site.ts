import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { persons } from '../attacks/world.js';
import {
  http,
  type PortcullisOptions,
  resultsDir,
  type RunningPortcullis,
  type RunningRedis,
  type ServiceName,
  startPortcullis,
  startRedis,
  until,
  usersFile,
} from '../support/index.js';
import { type Fault, faultOf, FAULTS } from './faults.js';
import { type Tally, Traffic } from './traffic.js';

export const NAMES = Array.from({ length: 12 }, (_, index) => `person${index}`);
export const MAILED = Array.from({ length: 60 }, (_, index) => `mailed${index}`);

export const CONFIGURATION = {
  session: { cookies: [{ domain: 'example.com', authelia_url: 'https://auth.example.com' }] },
  access_control: {
    default_policy: 'deny',
    rules: [
      { domain: 'public.example.com', policy: 'bypass' },
      { domain: 'app.example.com', policy: 'one_factor' },
      { domain: 'admin.example.com', subject: 'group:admins', policy: 'one_factor' },
    ],
  },
  authentication_backend: { file: {} },
  regulation: { max_retries: 0 },
  notifier: { filesystem: { append: true } },
};

/** Two of each, as somebody runs them who does not want to notice that one dies. */
const TWO_OF_EACH: readonly ServiceName[] = [
  'verify-gateway',
  'verify-gateway',
  'identity',
  'identity',
  'session',
  'session',
  'notifier',
  'notifier',
];

/** What one run of a fault came to. */
export interface Row extends Tally {
  readonly id: string;
  readonly at: string;
  /** Of traffic. */
  readonly seconds: number;
  /** From the moment it was mended until the last answer that was not as on a good day. */
  readonly recoverMs: number;
  readonly signInRecoverMs: number;
  readonly noticesLost: number;
  readonly noticesDoubled: number;
  /** What else was counted, as a sentence. */
  readonly measured: string;
}

export interface SiteOptions extends Partial<Omit<PortcullisOptions, 'users'>> {
  /** Where the truth about sessions is asked; default the site's own Redis. */
  readonly truth?: () => RunningRedis;
  /** The text of every notice that came, where they do not go into the file. */
  readonly mails?: () => readonly string[];
  readonly users?: string;
  /** As a proxy in front does it: a gateway that takes no connection is passed over. */
  readonly elsewhere?: boolean;
  /** Traffic only every so many ticks of 25 ms. */
  readonly every?: number;
}

export interface Site {
  readonly fault: Fault;
  readonly portcullis: RunningPortcullis;
  readonly redis: RunningRedis;
  readonly traffic: Traffic;
  /** A sentence for the page. */
  measured: string;
  /** Does it, and keeps the traffic up for so long. */
  breaks(act: () => unknown, forMs: number): Promise<void>;
  /** Ends the fault, and waits until everything is as before. */
  mends(act: () => unknown): Promise<void>;
  /** What came of it; also written down for the page. */
  result(): Promise<Row>;
}

/** People signed in and traffic on its way. */
export async function startSite(id: string, options: SiteOptions = {}): Promise<Site> {
  const { truth, mails, every = 1, elsewhere = false, users, ...rest } = options;
  const redis = rest.redis === undefined ? await startRedis({ appendonly: true }) : (rest.redis as RunningRedis);
  const portcullis = await startPortcullis({
    config: CONFIGURATION,
    services: TWO_OF_EACH,
    redis,
    ...rest,
    users: users ?? (await usersFile(persons(...NAMES, ...MAILED))),
  });
  const keeper = truth ?? (() => redis);
  const isKept = async (hash: string): Promise<boolean> => (await keeper().cli('EXISTS', `portcullis:session:${hash}`)) === 1;
  const traffic = new Traffic({ portcullis, names: NAMES, mailed: MAILED, isKept, every, elsewhere });
  await traffic.begin();
  await traffic.goOn(1000);
  expect(traffic.problems, 'before the fault').toEqual([]);
  let mendedMs = 0;
  const signInAfter = (ms: number): number | undefined => traffic.signedInMs.find((each) => each > ms);

  const breaks = async (act: () => unknown, forMs: number): Promise<void> => {
    await act();
    await traffic.goOn(forMs);
  };
  const mends = async (act: () => unknown): Promise<void> => {
    mendedMs = performance.now();
    await act();
    await until(() => signInAfter(mendedMs) !== undefined && performance.now() - Math.max(traffic.lastTroubleMs, mendedMs) > 2000, {
      timeoutMs: 60_000,
      what: 'two seconds without trouble and a sign-in',
    });
    await until(() => allReady(portcullis), { timeoutMs: 30_000, what: 'every service to be ready' });
  };
  const arrived = (): readonly string[] => mails?.() ?? mailsOf(portcullis.mailFile);
  const result = async (): Promise<Row> => {
    await traffic.stop();
    await traffic.askTheEnded();
    const has = (name: string): number => new Set(arrived().filter((mail) => mail.includes(`${name}@example.com`))).size;
    const count = (name: string): number => arrived().filter((mail) => mail.includes(`${name}@example.com`)).length;
    await until(() => traffic.asked.every((name) => has(name) > 0), { timeoutMs: 90_000, everyMs: 250, what: 'every notice' }).catch(() => undefined);
    const row: Row = {
      id,
      at: new Date().toISOString(),
      seconds: traffic.seconds,
      ...traffic.tally,
      recoverMs: Math.max(0, traffic.lastTroubleMs - mendedMs),
      signInRecoverMs: (signInAfter(mendedMs) ?? mendedMs) - mendedMs,
      noticesLost: traffic.asked.filter((name) => has(name) === 0).length,
      noticesDoubled: MAILED.filter((name) => count(name) > 1).length,
      measured: site.measured,
    };
    keep(row, traffic);
    return row;
  };
  const site: Site = { fault: faultOf(id), portcullis, redis, traffic, measured: '', breaks, mends, result };
  return site;
}

/** Each of them, as the file holds them one after the other. */
const mailsOf = (file: string): readonly string[] => (existsSync(file) ? readFileSync(file, 'utf8').split(/^(?=Date: )/m) : []);

async function allReady(portcullis: RunningPortcullis): Promise<boolean> {
  const states = await Promise.all(
    Object.values(portcullis.processes)
      .filter((running) => running.exit() === undefined)
      .map(async ({ name }) => (await http(portcullis.management(name), { path: '/health/ready' })).status),
  );
  return states.every((status) => status === 200);
}

function keep(row: Row, { problems, refusals }: Traffic): void {
  const folder = join(resultsDir, 'chaos');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, `${row.id}.json`),
    `${JSON.stringify({ ...faultOf(row.id), order: FAULTS.indexOf(faultOf(row.id)), ...row, problems, refusals }, null, 2)}\n`,
  );
}

/** What must hold in whatever fault. Sessions are lost only where Redis itself lost them. */
export function mustHold(row: Row, site: Site): void {
  expect(
    {
      wronglyGiven: row.wronglyGiven,
      resurrected: row.resurrected,
      sentToSignIn: row.sentToSignIn,
      bypassRefused: row.bypassRefused,
      unexpected: row.unexpected,
      noticesLost: row.noticesLost,
      noticesDoubled: row.noticesDoubled,
      ...(site.fault.losesSessions === true ? {} : { sessionsLost: row.sessionsLost }),
      ...(site.fault.cutsAnswers === true ? {} : { withoutAnswer: row.withoutAnswer }),
    },
    site.traffic.problems.join('\n'),
  ).toEqual({
    wronglyGiven: 0,
    resurrected: 0,
    sentToSignIn: 0,
    bypassRefused: 0,
    unexpected: 0,
    noticesLost: 0,
    noticesDoubled: 0,
    ...(site.fault.losesSessions === true ? {} : { sessionsLost: 0 }),
    ...(site.fault.cutsAnswers === true ? {} : { withoutAnswer: 0 }),
  });
}

/** A test of that fault, named after it. */
export function scenario(id: string, act: (begin: (options?: SiteOptions) => Promise<Site>) => Promise<Site>): void {
  it(`${id}: ${faultOf(id).fault}`, { timeout: 240_000 }, async () => {
    const site = await act((options) => startSite(id, options));
    mustHold(await site.result(), site);
  });
}
