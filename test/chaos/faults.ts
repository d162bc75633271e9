/** Every fault that is tried, in the order of the page. */
export interface Fault {
  readonly id: string;
  readonly fault: string;
  /** What somebody sees who is signed in, and whoever else notices. */
  readonly sees: string;
  /** Redis itself loses sessions by it. */
  readonly losesSessions?: boolean;
  /** A gateway is killed by it: the answers it held never come. */
  readonly cutsAnswers?: boolean;
}

export const FAULTS: readonly Fault[] = [
  {
    id: 'kill-gateway',
    fault: 'one of two gateways is killed (`kill -9`) and started again',
    sees: 'Nothing, where the proxy asks the other one; requests on the connections of the dead one fail.',
    cutsAnswers: true,
  },
  {
    id: 'kill-identity',
    fault: 'one of two identity services is killed and started again',
    sees: 'Nothing; a sign-in that the dead one held is asked to be tried again.',
  },
  {
    id: 'kill-session',
    fault: 'one of two session services is killed and started again',
    sees: 'Nothing; a sign-in or sign-out that the dead one held is asked to be tried again.',
  },
  { id: 'kill-notifier', fault: 'one of two notifiers is killed and started again', sees: 'Nothing; a mail may come half a minute later.' },
  {
    id: 'redis-kill',
    fault: 'Redis is killed for three seconds; it keeps its data on disk',
    sees: 'Protected sites answer 503 “try again” while it is away, open ones go on; afterwards everybody is still signed in.',
  },
  {
    id: 'redis-stop',
    fault: 'Redis stands still for ten seconds (`SIGSTOP`)',
    sees: 'The same: a second of waiting at first, then 503 at once.',
  },
  {
    id: 'redis-slow',
    fault: 'Redis answers 100 ms late each way for five seconds',
    sees: 'Sites open as ever (sessions are in memory); signing in takes longer.',
  },
  {
    id: 'redis-flush',
    fault: '`FLUSHALL`',
    sees: 'Everybody signs in again; nothing else is lost.',
    losesSessions: true,
  },
];

export function faultOf(id: string): Fault {
  const found = FAULTS.find((fault) => fault.id === id);
  if (found === undefined) throw new Error(`there is no fault ${id} in test/chaos/faults.ts`);
  return found;
}
