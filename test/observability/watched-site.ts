import { hash } from '@node-rs/argon2';
import {
  type Certificates,
  certificates,
  type Road,
  type RunningPortcullis,
  type RunningPrometheus,
  type RunningRedis,
  type RunningSmtp,
  serviceNames,
  startPortcullis,
  startPrometheus,
  startRedis,
  startRoad,
  startSmtp,
  until,
  type WatchedInstance,
} from '../support/index.js';
import { passwordOf, peopleOf, SITE } from '../integration/site.js';

type Becomes = (alert: string, meanwhile?: () => Promise<unknown>) => Promise<void>;

/** Two of each service, a gateway with a certificate of its own, and all that they need, each where it can be broken. */
export interface WatchedSite {
  readonly redis: RunningRedis;
  /** Between Redis and the services. */
  readonly redisRoad: Road;
  readonly smtp: RunningSmtp;
  readonly smtpRoad: Road;
  readonly portcullis: RunningPortcullis;
  readonly certificate: Certificates;
  readonly instances: readonly WatchedInstance[];
  /** The gateway with the certificate, which runs a configuration of its own. */
  readonly withTls: WatchedInstance;
  readonly prometheus: RunningPrometheus;
  /** Fails where it does not within a minute; `meanwhile` is done again and again. */
  readonly fires: Becomes;
  readonly clears: Becomes;
}

const DAY_MS = 24 * 3600 * 1000;

export const instanceOf = (portcullis: RunningPortcullis, name: string): WatchedInstance => ({
  service: name.replace(/-\d+$/, ''),
  target: new URL(portcullis.management(name)).host,
});

/** Of a certificate that the gateway shows, so many days from now. */
export const certificateFor = (days: number): Promise<Certificates> =>
  certificates(['localhost'], { notAfter: new Date(Date.now() + days * DAY_MS) });

/** A Redis that was started anew and whose replicas are not there yet takes no write, where it is told to wait for them. */
export const needsNoReplica = (redis: RunningRedis): Promise<unknown> => redis.cli('CONFIG', 'SET', 'min-replicas-to-write', '0');

/** `storm` has a digest as costly as people's are. */
async function people(): Promise<string> {
  const digest = await hash(passwordOf('storm'), { memoryCost: 65_536, timeCost: 3, parallelism: 4 });
  return `${await peopleOf('ann', 'ben')}  storm: { displayname: Storm, password: '${digest}', email: storm@site.test }\n`;
}

export async function startWatchedSite(): Promise<WatchedSite> {
  // Whenever it is started it takes no write before it is told that it needs no replica.
  const redis = await startRedis({ appendonly: true, args: ['--min-replicas-to-write', '1'] });
  await needsNoReplica(redis);
  const redisRoad = await startRoad(redis.port ?? 0);
  const smtp = await startSmtp({ tls: 'none' });
  const smtpRoad = await startRoad(smtp.port);
  const config = {
    ...SITE,
    session: { ...SITE.session, redis: { host: '127.0.0.1', port: redisRoad.port } },
    notifier: { smtp: { address: `smtp://127.0.0.1:${smtpRoad.port}`, sender: 'gate@site.test', disable_require_tls: true } },
    // A link that is not delivered by then is given up.
    identity_validation: { reset_password: { jwt_lifespan: '40s' } },
    regulation: { max_retries: 3, find_time: '1m', ban_time: '1m' },
    log: { decisions: 'all' },
  };
  const portcullis = await startPortcullis({ config, users: await people(), redis: false, services: [...serviceNames, ...serviceNames] });
  const certificate = await certificateFor(300);
  const gatewayWithTls = await startPortcullis({
    config: { ...config, server: { tls: { certificate: certificate.certFile, key: certificate.keyFile } } },
    users: await people(),
    redis: false,
    services: ['verify-gateway'],
  });
  const instances = Object.keys(portcullis.processes).map((name) => instanceOf(portcullis, name));
  const withTls = instanceOf(gatewayWithTls, 'verify-gateway');
  const prometheus = await startPrometheus(instances);
  const up = async (): Promise<boolean> => (await prometheus.query('sum(up)'))[0]?.value === instances.length;
  await until(up, { what: 'every instance to be up', timeoutMs: 30_000 });

  const becomes =
    (firing: boolean): Becomes =>
    async (alert, meanwhile = () => Promise.resolve()) => {
      const asked = async (): Promise<boolean> => {
        await meanwhile();
        return (await prometheus.firing()).includes(alert) === firing;
      };
      await until(asked, { what: `${alert} to ${firing ? 'fire' : 'clear'}`, timeoutMs: 60_000, everyMs: 250 });
    };
  return { redis, redisRoad, smtp, smtpRoad, portcullis, certificate, instances, withTls, prometheus, fires: becomes(true), clears: becomes(false) };
}
