import { identityContract } from '@portcullis/contracts-identity';
import { KEY_PREFIX } from '@portcullis/contracts-session';
import { type NotifierConfiguration } from '@portcullis/contracts-configuration';
import { createRpcClient, openRpcConnection } from '@portcullis/platform-rpc';
import { countLogDrops, createLogger, createRegistry, nestLogger, startManagement, stopOnSignals } from '@portcullis/platform-telemetry';
import { NestFactory } from '@nestjs/core';
import { isSupervised, type NotifierValues, rpcSecrets } from './config.js';
import { createDelivery } from './delivery.js';
import { createFileTransport } from './file-transport.js';
import { createMeter, watchQueue } from './metrics.js';
import { NotifierModule } from './notifier.module.js';
import { NoticeWorker } from './notice-worker.js';
import { createSmtpTransport } from './smtp-transport.js';
import { createRender } from './templates.js';
import { type Transport } from './transport.js';

const VERSION = '0.1.0';
const SERVICE = 'notifier';
const DRAIN_MS = 10_000;

/** The configuration is right, and this process cannot start with it alone. */
class StartError extends Error {
  readonly code = 'START';
}

/** Puts the worker together and takes notices. Rejects with what a person must change (no Redis, a mail server that refuses, a port). */
export async function serve(value: NotifierValues, directory: string): Promise<void> {
  const log = createLogger({ ...value.log, filePath: value.log.filePath ?? undefined, service: SERVICE });
  const { redis, notifier } = value;
  if (redis === null) {
    throw new StartError('session.redis is not configured: a service started alone needs it; `npm start -- --config FILE` brings a private one');
  }
  const render = createRender(notifier.templateDirectory);
  const transport = createTransport(notifier);
  if (!notifier.startupCheckDisabled) await check(transport, notifier);
  const registry = createRegistry({ service: SERVICE, version: VERSION });
  countLogDrops(registry, log);
  const secrets = rpcSecrets(value, directory);
  const connection = openRpcConnection({ redis, secrets, prefix: KEY_PREFIX, service: SERVICE });
  const identity = createRpcClient(identityContract, connection);
  const worker = new NoticeWorker(redis, createDelivery({ secrets, render, transport, identity, meter: createMeter(registry), log }), log);
  const application = await NestFactory.createApplicationContext(NotifierModule.with(worker), { logger: nestLogger(log), abortOnError: false });
  watchQueue(registry, worker.queue, Date.now);
  const management = await startManagement({
    ...value.telemetry.addresses.notifier,
    metricsPath: value.telemetry.metricsPath,
    registry,
    ready: () => (worker.isConnected() ? { ok: true, reasons: [] } : { ok: false, reasons: ['Redis does not answer'] }),
    setting: 'telemetry.metrics.notifier_address',
  });
  const close = async (): Promise<void> => {
    await application.close();
    await management.close();
    connection.close();
    transport.close();
  };
  stopOnSignals({ supervised: isSupervised(), logger: log, close, deadlineMs: DRAIN_MS });
  log.info('Startup complete', { notices: notifier.transport.kind });
}

const createTransport = ({ transport }: NotifierConfiguration): Transport =>
  transport.kind === 'smtp' ? createSmtpTransport(transport) : createFileTransport({ ...transport, now: Date.now });

async function check(transport: Transport, { transport: settings }: NotifierConfiguration): Promise<void> {
  try {
    await transport.check();
  } catch (cause) {
    const what = settings.kind === 'smtp' ? `the mail server ${settings.host}:${settings.port}` : settings.path;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new StartError(
      `Notices could not be delivered by ${what}: ${why}\nMend notifier.${settings.kind}, or set notifier.disable_startup_check: true`,
      { cause },
    );
  }
}
