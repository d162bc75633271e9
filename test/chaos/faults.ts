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
    id: 'rolling-restart',
    fault:
      'every process is restarted in order (`SIGTERM`), one after the other, behind something that passes over a gateway that takes no connection',
    sees: 'Nothing: no sign-in fails, and no verify.',
  },
  {
    id: 'redis-kill',
    fault: 'Redis is killed for three seconds; it keeps its data on disk',
    sees: 'Protected sites answer 503 “try again” while it is away, open ones go on; afterwards everybody is still signed in.',
  },
  {
    id: 'redis-kill-cached',
    fault: 'the same for five seconds, with `session.redis_outage: serve_cached`',
    sees: 'Whoever was there before goes on; signing in and out answer “try again”, as does the gate for who has just come.',
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
  {
    id: 'redis-full',
    fault:
      'Redis is full (`maxmemory`, every write answered with OOM) for some ten seconds, and a gateway and a session service are restarted meanwhile',
    sees: 'Sites open as ever, and whoever is in can leave; nobody can sign in: “try again”.',
    cutsAnswers: true,
  },
  {
    id: 'redis-restart',
    fault: 'Redis is restarted in order, with its data on disk',
    sees: '503 for a moment; everybody is still signed in.',
  },
  {
    id: 'redis-empty',
    fault: 'Redis is killed and comes back empty (it kept nothing on disk)',
    sees: 'Everybody signs in again; nothing else is lost.',
    losesSessions: true,
  },
  {
    id: 'redis-restored',
    fault: 'Redis is restored from an older copy, after which people had signed in and out',
    sees: 'Who has signed in since signs in again; who had signed out stays out, though the copy holds their session.',
    losesSessions: true,
  },
  {
    id: 'redis-failover',
    fault: 'the master dies and three sentinels name another',
    sees: '503 until they have (their `down-after-milliseconds` and some two seconds); then as before. A session made in the last moments may be lost.',
    losesSessions: true,
  },
  {
    id: 'redis-isolated',
    fault: 'the master and half of the services are cut off from its replicas and the sentinels, who name another, for 15 seconds',
    sees: 'Through the gateway that is cut off 503, from within `min-replicas-max-lag` until some ten seconds after the cut ends, when the sentinels have put that Redis right; through the other as after any failover. A session made in the last moments may be lost.',
    losesSessions: true,
  },
  {
    id: 'channel-cut',
    fault: 'the connection that tells a gateway what changed is cut, again and again, for three seconds',
    sees: 'Nothing: sessions are read from Redis meanwhile.',
  },
  {
    id: 'channel-half-open',
    fault: 'that connection goes dead without a word (half-open)',
    sees: 'Nothing: it is noticed within a second, and a new one opened.',
  },
  {
    id: 'postgres-kill',
    fault: 'PostgreSQL is killed for four seconds (`storage.postgres`)',
    sees: 'Sites open as ever; signing in and out answer “try again”.',
  },
  {
    id: 'postgres-stop',
    fault: 'PostgreSQL stands still for ten seconds (`SIGSTOP`)',
    sees: 'The same, after a few seconds of waiting.',
  },
  {
    id: 'smtp-away',
    fault: 'the mail server refuses connections for eight seconds',
    sees: 'The mail comes later.',
  },
  {
    id: 'smtp-cut-off',
    fault: 'the mail server takes mails and hangs up before it says so, for four seconds',
    sees: 'A mail may come twice, with the same Message-ID, which mail programs show once (counted as one here).',
  },
  {
    id: 'disk-full-notices',
    fault: 'the disk is full where notices are written into a file, for eight seconds',
    sees: 'The notice is written later.',
  },
  {
    id: 'disk-full',
    fault: 'no process can write to any file (log, database, notices) for six seconds',
    sees: 'Sites open as ever; signing in and out answer “try again”.',
  },
  {
    id: 'stdout-unread',
    fault: 'nobody reads what the services write to standard output for ten seconds (`log.level: trace`, every decision)',
    sees: 'Nothing; the log has a line that says how many are missing.',
  },
  {
    id: 'clock-off',
    fault: 'the clocks of half of the services are a minute ahead, then a minute behind, then right',
    sees: 'Nothing.',
  },
  {
    id: 'silent-connections',
    fault: '1,000 connections to each gateway that send nothing, for eight seconds',
    sees: 'Nothing.',
  },
  {
    id: 'anonymous-flood',
    fault: 'requests of nobody to one gateway, as fast as 32 connections get answers, for ten seconds',
    sees: 'Sites open more slowly.',
  },
  {
    id: 'login-storm',
    fault: '64 people at once who sign in again and again for ten seconds, with digests of 64 MiB',
    sees: 'Sites open as ever; signing in takes seconds, or answers “try again”.',
  },
];

export function faultOf(id: string): Fault {
  const found = FAULTS.find((fault) => fault.id === id);
  if (found === undefined) throw new Error(`there is no fault ${id} in test/chaos/faults.ts`);
  return found;
}
