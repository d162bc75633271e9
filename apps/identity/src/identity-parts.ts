import type { UserRecord } from '@portcullis/contracts-configuration';
import type { PasswordPolicy } from '@portcullis/domain-passwords';
import type { Digests } from '@portcullis/platform-digests';
import { keyedHash } from '@portcullis/platform-seal';
import type { Logger } from '@portcullis/platform-telemetry';
import { randomBytes } from 'node:crypto';
import type { Store } from './admin-parts.js';
import { listAttempts } from './attempt-history.js';
import type { AuditTrail } from './audit.js';
import type { IdentityValues } from './config.js';
import type { Database } from './database.js';
import { forgetOldParts } from './edit-parts.js';
import { Elevations } from './elevation.js';
import { EventNotices } from './event-notices.js';
import type { Metrics } from './metrics.js';
import { NewPassword } from './new-password.js';
import type { NoticeOutbox } from './notices.js';
import { PasswordCheck } from './password-check.js';
import type { People } from './people.js';
import { PreferredMethod } from './preferred-method.js';
import { Recovery } from './recovery.js';
import { RecoveryCodes } from './recovery-codes.js';
import { Regulation } from './regulation.js';
import { Resets } from './reset.js';
import { SignIns } from './sign-ins.js';
import { type TotpDevice, TotpDevices } from './totp-devices.js';
import { TotpRegistration } from './totp-registration.js';
import { TotpSignIn } from './totp-sign-in.js';
import { type Sessions, UserPublisher } from './user-publisher.js';
import type { Users } from './users.js';

export interface Surroundings {
  readonly value: IdentityValues;
  readonly store: Store;
  readonly users: Users;
  readonly audit: AuditTrail;
  readonly people: People;
  readonly jwtSecret: string;
  readonly outbox: NoticeOutbox;
  readonly sessions: Sessions;
  readonly digests: Digests;
  readonly policy: PasswordPolicy;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** What the operations of the identity contract need, put together once. */
export class IdentityParts {
  readonly outbox: NoticeOutbox;
  readonly users: Users;
  readonly audit: AuditTrail;
  readonly people: People;
  readonly metrics: Metrics;
  readonly publisher: UserPublisher;
  readonly passwords: PasswordCheck;
  readonly newPassword: NewPassword;
  readonly preferred: PreferredMethod;
  readonly totpSignIn: TotpSignIn;
  readonly totpRegistration: TotpRegistration;
  readonly recovery: Recovery;
  readonly signIns: SignIns;
  readonly elevations: Elevations;
  readonly resets: Resets;
  /** What is to be run from time to time. */
  readonly cleanUps: readonly (() => Promise<void>)[];

  readonly #db: Database;
  readonly #findTotp: (username: string) => Promise<TotpDevice | null>;

  constructor({ value, store, users, audit, people, jwtSecret, outbox, sessions, digests, policy, log, metrics }: Surroundings) {
    const { backend, totp } = value;
    const { db } = store;
    const { secret } = store.key;
    const { now } = Date;
    const random = randomBytes;

    this.#db = db;
    this.outbox = outbox;
    this.users = users;
    this.audit = audit;
    this.people = people;
    this.metrics = metrics;
    const directory = () => users.directory;
    const publisher = (this.publisher = new UserPublisher({ db, sessions, users, secret, log, now }));
    users.onChange(() => {
      log.info(`The users were read anew from ${users.place}`, { users: users.directory.users.length });
      publisher.changed();
    });
    const notices = new EventNotices(people, outbox.write.bind(outbox));
    const devices = new TotpDevices(secret);
    const codes = new RecoveryCodes(secret, random);
    const regulation = new Regulation(value.regulation);
    const passwords = (this.passwords = new PasswordCheck({
      db,
      users: directory,
      refresh: async (user) => {
        if (!(await publisher.knows(user))) await users.refresh();
      },
      digest: backend.digest,
      digests,
      nameHash: keyedHash(secret, 'decoy'),
      regulation,
      log,
      metrics,
      now,
    }));
    this.totpSignIn = new TotpSignIn({ db, devices, people, regulation, ...totp, log, metrics, now });
    this.recovery = new Recovery({ db, codes, devices, people, notices, regulation, disabled: totp.disabled, log, metrics, now });
    this.totpRegistration = new TotpRegistration({ db, devices, codes, notices, people, secret, totp, now, random });
    this.preferred = new PreferredMethod({ db, available: totp.disabled ? [] : ['totp'] });
    this.#findTotp = (username) => (totp.disabled ? Promise.resolve(null) : devices.find(db, username));

    const portalUrl = portalUrlsOf(value);
    const resetDisabled = backend.passwordReset.disabled || backend.passwordReset.customUrl !== null;
    const { elevatedSession: elevation, resetPassword } = value.identityValidation;
    const mailed = { db, outbox, secret, users: people, now, random, portalUrl, log };
    const resets = (this.resets = new Resets({
      ...mailed,
      credentials: (username) => credentialsOf(users.directory.byName(username)),
      settings: {
        ...resetPassword,
        jwtSecret,
        // Somebody may make the file writable, or no more, while this runs.
        get disabled() {
          return resetDisabled || users.readOnly !== null;
        },
      },
    }));
    this.signIns = new SignIns({ db, outbox, secret, people, sessions, now, random, portalUrl, log });
    this.elevations = new Elevations({ ...mailed, settings: elevation });
    this.newPassword = new NewPassword({
      db,
      users,
      people,
      passwords,
      digests,
      digest: backend.digest,
      policy,
      changeDisabled: backend.passwordChange.disabled,
      resetDisabled,
      regulation,
      grants: resets,
      publisher,
      sessions,
      notices,
      log,
      metrics,
      now,
    });
    this.cleanUps = [
      () => regulation.forgetOld(db, now()),
      () => devices.forgetOld(db, now()),
      () => codes.forgetOrphans(db),
      () => this.totpRegistration.forgetOld(now()),
      () => this.elevations.forgetOld(now()),
      () => this.resets.forgetOld(now()),
      () => this.signIns.forgetOld(now()),
      () => outbox.forgetOld(now()),
      () => audit.forgetOld(now()),
      () => forgetOldParts(db, now()),
    ];
  }

  listAttempts(request: Parameters<typeof listAttempts>[1]): ReturnType<typeof listAttempts> {
    return listAttempts(this.#db, request);
  }

  /** null too where one-time passwords are disabled. */
  findTotp(username: string): Promise<TotpDevice | null> {
    return this.#findTotp(username);
  }

  async hasTotp(username: string): Promise<boolean> {
    return (await this.findTotp(username)) !== null;
  }
}

/** Where people reach the portal of a cookie domain; null: nothing is configured, and nothing is learned from a request. */
function portalUrlsOf({ session }: IdentityValues): (domain: string) => string | null {
  const urls = new Map(session.cookies.map(({ domain, autheliaUrl }) => [domain, autheliaUrl]));
  return (domain) => urls.get(domain) ?? null;
}

/** What a mailed link was asked for with: it ends when the password or the address changes. */
const credentialsOf = (user: UserRecord | null): string | null => (user === null ? null : `${user.digest}\0${user.email ?? ''}`);
