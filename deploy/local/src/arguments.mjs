import { Refusal } from './terminal.mjs';

export const USAGE = `npm start                           a demonstration under http://*.portcullis.localhost
npm start -- --config FILE [...]    that installation, all services on this machine; several files are merged in order
                                    --config.experimental.filters template,expand-env: filters they go through first`;

const OPTION = /^(--config|-c|--config\.experimental\.filters)(?:=(.*))?$/s;

/** What the command line says: the configuration files, or those of the variable where it names none, and the filters, if it names any. */
export function readArguments(args, env) {
  const files = [];
  const filters = [];
  for (let index = 0; index < args.length; index += 1) {
    const [, name, value] = OPTION.exec(args[index]) ?? [];
    const given = name && (value ?? args[(index += 1)]);
    if (!given)
      throw new Refusal(`${name ? `${name} wants a ${name.endsWith('filters') ? 'filter' : 'file'}` : `What does ${args[index]} mean?`}\n\n${USAGE}`);
    (name.endsWith('filters') ? filters : files).push(given);
  }
  const named = files.length > 0 ? files : [env.PORTCULLIS_CONFIG || env.X_AUTHELIA_CONFIG || ''];
  return { files: named.flatMap((list) => list.split(',')).filter(Boolean), filters: filters.join(',') };
}
