import type { Command } from 'commander';
import type { Finding, State } from './doctor-finding.js';
import type { DoctorOptions } from './doctor-run.js';
import { Failure } from './failure.js';
import { examples, type Globals, globalsOf } from './globals.js';

/** `doctor`: what is well, doubtful and wrong with an installation as it runs, a line each. */
export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('look at the installation as it runs: files, Redis, clock, services, mail, portals, and what the proxy really sends')
    .option('--through <url>', 'a protected site: try at its proxy what an attacker would, and see what of it reaches the gate (repeatable)', collect)
    .option('--resolve <host:port:address>', 'where a host is, in the place of DNS; another port may stand behind the address (repeatable)', collect)
    .option('--ca <file>', 'an authority to trust besides those of the system (PEM)')
    .option('--insecure', 'do not check certificates')
    .option('--mail-to <address>', 'send a test mail')
    .addHelpText(
      'after',
      `${examples(
        'doctor --config /config/configuration.yml',
        'doctor --config /config/configuration.yml --through https://app.example.com',
        'doctor --through https://app.example.com --resolve app.example.com:443:127.0.0.1 --insecure --json',
      )}\n\nExit codes: 0 all is well, 1 warnings, 2 problems.`,
    )
    .action(async (options: DoctorOptions, command: Command) => {
      await doctor(options, globalsOf(command));
    });
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

const EXIT_CODES: Readonly<Record<State, number>> = { ok: 0, warning: 1, problem: 2 };

async function doctor(options: DoctorOptions, { files, output }: Globals): Promise<void> {
  // Loaded here, for it brings what no other command needs.
  const { examine } = await import('./doctor-run.js');
  const findings = await examine(files, options, (finding) => {
    if (!output.json) output.line(lineOf(finding));
  });
  const worst = (['problem', 'warning', 'ok'] as const).find((state) => findings.some((finding) => finding.state === state)) ?? 'ok';
  output.answer({ state: worst, findings }, () => {
    const count = (state: State): number => findings.filter((finding) => finding.state === state).length;
    output.line(`\n${count('ok')} ok, ${count('warning')} warnings, ${count('problem')} problems`);
  });
  if (EXIT_CODES[worst] !== 0) throw new Failure('', EXIT_CODES[worst]);
}

const lineOf = ({ state, check, message, fix }: Finding): string =>
  `${state.padEnd(8)} ${check.padEnd(13)} ${message}${fix === undefined ? '' : `. Fix: ${fix}`}`.replaceAll('\n', ' ');
