import type { Command } from 'commander';
import type { Member } from '@portcullis/platform-rpc';
import { Failure } from './failure.js';
import { examples, globalsOf } from './globals.js';
import { localTime } from './output.js';
import { openWire } from './services.js';

/** Whoever is busy answers late; whoever is gone does not. */
const ANSWER_MS = 1000;
const SERVICES = ['verify-gateway', 'identity', 'session', 'notifier'];
const SHOWN_OF_HASH = 12;

/** `status`: every instance that hears us on the wire, on whatever machine. */
export function addStatus(program: Command): void {
  program
    .command('status')
    .description('every running instance: since when, whether it is ready, and the hash of the configuration it runs')
    .addHelpText('after', examples('status', 'status --json'))
    .addHelpText('after', '\n\nExit code 1 where one is not ready, a service is missing, or instances of one service differ.')
    .action(async (_options: unknown, command: Command) => {
      const { files, output } = globalsOf(command);
      const found = [...(await takeCensus(files))].sort(byName);
      const missing = SERVICES.filter((service) => !found.some((each) => each.service === service));
      const rows = found.map((each) => ({ ...each, differs: differs(each, found) }));
      output.answer({ instances: rows, missing }, () => {
        output.table(['Service', 'Instance', 'Host', 'Version', 'Since', 'Ready', 'Configuration'], rows.map(row));
        for (const service of missing) output.line(`No ${service} answers.`);
        if (missing.length > 0) output.line('portcullis doctor says why; npm start -- --config FILE starts them.');
      });
      if (missing.length > 0 || rows.some(({ ready, differs: other }) => !ready || other)) throw new Failure('');
    });
}

async function takeCensus(files: readonly string[]): Promise<readonly Member[]> {
  const wire = await openWire(files);
  if (wire === null) throw new Failure('The services do not run, or their Redis cannot be reached.');
  try {
    const rpc = await import('@portcullis/platform-rpc');
    return await rpc.takeCensus(wire.connection, ANSWER_MS);
  } finally {
    wire.connection.close();
  }
}

const byName = (a: Member, b: Member): number =>
  SERVICES.indexOf(a.service) - SERVICES.indexOf(b.service) || a.host.localeCompare(b.host) || a.instance.localeCompare(b.instance) || a.pid - b.pid;

/** From what most instances of its service run, or, where as many run another, from that. */
function differs({ service, hash, version }: Member, all: readonly Member[]): boolean {
  const peers = all.filter((each) => each.service === service);
  const same = peers.filter((each) => each.hash === hash && each.version === version);
  return peers.length > same.length && same.length * 2 <= peers.length;
}

const row = ({
  service,
  instance,
  host,
  version,
  sinceMs,
  ready,
  reasons,
  hash,
  differs: other,
}: Member & { readonly differs: boolean }): string[] => [
  service,
  instance,
  host,
  version,
  localTime(sinceMs),
  ready ? 'yes' : `no: ${reasons.join(', ')}`,
  `${hash.slice(0, SHOWN_OF_HASH)}${other ? '  differs' : ''}`,
];
