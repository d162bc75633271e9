import { Refusal } from './terminal.mjs';

export const USAGE = `npm start                           a demonstration under http://*.portcullis.localhost
npm start -- --config FILE [...]    that installation, all services on this machine; several files are merged in order`;

/** The configuration files of the command line, or of the variable where it names none. */
export function configFilesOf(args, env) {
  const files = [];
  for (let index = 0; index < args.length; index += 1) {
    const [, name, value] = /^(--config|-c)(?:=(.*))?$/s.exec(args[index]) ?? [];
    const file = name && (value ?? args[(index += 1)]);
    if (!file) throw new Refusal(`${name ? `${name} wants a file` : `What does ${args[index]} mean?`}\n\n${USAGE}`);
    files.push(file);
  }
  const given = files.length > 0 ? files : [env.PORTCULLIS_CONFIG || env.X_AUTHELIA_CONFIG || ''];
  return given.flatMap((list) => list.split(',')).filter(Boolean);
}
