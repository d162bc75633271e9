import path from 'node:path';

export const DOMAIN = 'portcullis.localhost';
export const portalUrl = (port) => `http://auth.${DOMAIN}:${port}`;
export const appUrl = (port) => `http://app.${DOMAIN}:${port}`;
export const vaultUrl = (port) => `http://vault.${DOMAIN}:${port}`;
export const adminUrl = (port) => `http://admin.${DOMAIN}:${port}`;
export const mailUrl = (port) => `http://mail.${DOMAIN}:${port}`;
/** The hosts behind the gate. */
export const PROTECTED_HOSTS = ['app', 'vault', 'admin'].map((name) => `${name}.${DOMAIN}`);

/** A YAML text in single quotes. */
const text = (value) => `'${String(value).replaceAll("'", "''")}'`;

/** The demonstration's configuration.yml, for the working folder `dir`. */
export const demoConfiguration = ({
  dir,
  ports,
  secrets,
}) => `# Written anew at every \`npm start\`: copy it elsewhere to change it. The rules are in access_control.yml, which is kept.
theme: auto
server:
  address: 'tcp://127.0.0.1:${ports.gateway}/'
  # What the portal says here in words of its own: assets/locales/en/portal.json.
  asset_path: ${text(path.join(dir, 'assets'))}
telemetry:
  metrics:
    enabled: true
    address: 'tcp://127.0.0.1:${ports.management}/metrics'
identity_validation:
  reset_password:
    jwt_secret: ${text(secrets.resetPassword)}
session:
  secret: ${text(secrets.session)}
  cookies:
    - domain: '${DOMAIN}'
      # http is taken here only because browsers treat *.localhost as secure.
      authelia_url: '${portalUrl(ports.proxy)}'
      default_redirection_url: '${appUrl(ports.proxy)}'
authentication_backend:
  file:
    path: ${text(path.join(dir, 'users.yml'))}
totp:
  # The name that the app on the phone shows.
  issuer: 'Portcullis demonstration'
storage:
  encryption_key: ${text(secrets.storage)}
  local:
    path: ${text(path.join(dir, 'portcullis.sqlite3'))}
notifier:
  filesystem:
    filename: ${text(path.join(dir, 'mail.txt'))}
    # All of them, for the page that shows them.
    append: true
`;

/** Where a portal with a file for its mails sends people to the administrator: here everybody is that. By the keys of the portal's texts. */
export const demoTexts = (port) => ({
  'enrol.why_file': 'To be sure that it is you, a code is mailed to you.',
  'prove.file': `The mail with the code lies at ${mailUrl(port)}.`,
  'forgot.explain_file': 'A link to set a new password is mailed to you.',
  'forgot.sent_file_title': 'Look at the mails',
  'forgot.sent_file': `If there is such an account, a mail lies at ${mailUrl(port)}. The link in it works once and for a few minutes.`,
});

export const demoRules = `# Yours to change: a save takes effect within two seconds, without a restart. The first rule that matches decides.
access_control:
  default_policy: deny
  rules:
    - domain: 'admin.${DOMAIN}'
      policy: one_factor
      subject: 'group:admins'
    - domain: 'vault.${DOMAIN}'
      policy: two_factor
    - domain: 'app.${DOMAIN}'
      policy: one_factor
`;
