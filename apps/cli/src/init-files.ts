import { makeSecret } from './config.js';
import type { Answers, Smtp } from './init-answers.js';

/** JSON's strings are YAML's. */
const quoted = (text: string): string => JSON.stringify(text);

/** `configuration.yml` with secrets of its own. `directory`: where it lies, whole. */
export function configurationText({ domain, portal, site, policy, gate, smtp }: Answers, directory: string): string {
  const at = (name: string): string => quoted(`${directory}/${name}`);
  return `# Secrets are in this file: it is for its owner alone. docs/ tells of every section.

server:
  address: ${quoted(`tcp://${gate}/`)}

session:
  secret: ${quoted(makeSecret())}
  cookies:
    - domain: ${quoted(domain)}
      authelia_url: ${quoted(`https://${portal}`)}
      default_redirection_url: ${quoted(`https://${site}`)}
  # Without session.redis \`npm start\` brings a private Redis.

storage:
  # Whoever loses this key loses everybody's second factor: back it up.
  encryption_key: ${quoted(makeSecret())}
  local:
    path: ${at('portcullis.sqlite3')}

identity_validation:
  reset_password:
    jwt_secret: ${quoted(makeSecret())}

authentication_backend:
  file:
    path: ${at('users_database.yml')}

# The first rule that fits answers; what no rule names is closed. A change takes effect within two seconds of the save.
access_control:
  default_policy: deny
  rules:
    - domain: ${quoted(`*.${domain}`)}
      policy: ${policy}

regulation:
  max_retries: 3
  find_time: 2m
  ban_time: 5m

totp:
  # What people's authenticator apps show; whoever has enrolled keeps the name there was.
  issuer: ${quoted(domain)}

password_policy:
  zxcvbn:
    enabled: true
    min_score: 3

${smtp === null ? fileNotifier(at('notification.txt')) : smtpNotifier(smtp)}`;
}

const fileNotifier = (path: string): string => `# Codes and links are written to this file. For other people than yourself: notifier.smtp.
notifier:
  filesystem:
    filename: ${path}
`;

const smtpNotifier = ({ address, sender, username, password }: Smtp): string => `notifier:
  smtp:
    address: ${quoted(address)}
    sender: ${quoted(sender)}
    subject: '[Portcullis] {title}'
    startup_check_address: ${quoted(sender)}
${username === '' ? '' : `    username: ${quoted(username)}\n    password: ${quoted(password)}\n`}`;

/** `users_database.yml` with the first person. */
export const usersText = (
  { person }: Answers,
  digest: string,
): string => `# A further person: the same lines with another name. A digest: portcullis crypto hash generate argon2
users:
  ${quoted(person.name)}:
    displayname: ${quoted(person.displayName)}
    password: ${quoted(digest)}
    email: ${quoted(person.email)}
    groups:
      - admins
`;
