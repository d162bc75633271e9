import { readScale } from './scale.mjs';
import { Refusal } from './terminal.mjs';

export const USAGE = `npm start                           a demonstration under http://*.portcullis.localhost
npm start -- --config FILE [...]    that installation, all services on this machine; several files are merged in order
                                    --config.experimental.filters template,expand-env: filters they go through first
                                    --scale verify-gateway=3,identity=2,session=2,notifier=2: so many of each
                                    --apart: the gateways on ports in a row, for a proxy that is to tell them apart`;

const OPTION = /^(--config|-c|--config\.experimental\.filters|--scale)(?:=(.*))?$/s;
const WANTED = { '--config.experimental.filters': 'a filter', '--scale': 'how many, for instance verify-gateway=2,identity=2' };

/** What the command line says: the configuration files, or those of the variable where it names none, the filters, if it names any, and how many of each service. */
export function readArguments(args, env) {
  const files = [];
  const filters = [];
  const scales = [];
  const isApart = args.includes('--apart');
  for (let index = 0; index < args.length; index += 1) {
    if (args[index] === '--apart') continue;
    const [, name, value] = OPTION.exec(args[index]) ?? [];
    const given = name && (value ?? args[(index += 1)]);
    if (!given) throw new Refusal(`${name ? `${name} wants ${WANTED[name] ?? 'a file'}` : `What does ${args[index]} mean?`}\n\n${USAGE}`);
    (({ '--config.experimental.filters': filters, '--scale': scales })[name] ?? files).push(given);
  }
  const named = files.length > 0 ? files : [env.PORTCULLIS_CONFIG || env.X_AUTHELIA_CONFIG || ''];
  return { files: named.flatMap((list) => list.split(',')).filter(Boolean), filters: filters.join(','), scale: readScale(scales.join(',')), isApart };
}
