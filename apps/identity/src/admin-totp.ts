import type { identityAdminContract, TotpImport } from '@portcullis/contracts-identity';
import type { Handlers } from '@portcullis/platform-rpc';
import { inTransaction } from '@portcullis/platform-sql';
import { writeAudit } from './audit.js';
import type { Database } from './database.js';
import type { People } from './people.js';
import type { RecoveryCodes } from './recovery-codes.js';
import { encodeTotpSecret, otpauthUrl, parseTotpSecret, type TotpAlgorithm, type TotpKey } from './totp-code.js';
import type { TotpDevice, TotpDevices } from './totp-devices.js';

type Admin = Handlers<typeof identityAdminContract>;
type GenerateRequest = Parameters<Admin['generateTotp']>[0];

export interface AdminTotpOptions {
  readonly db: Database;
  readonly devices: TotpDevices;
  readonly codes: RecoveryCodes;
  readonly people: People;
  readonly totp: {
    readonly issuer: string;
    readonly algorithm: TotpAlgorithm;
    readonly digits: number;
    readonly periodSeconds: number;
    readonly secretSizeBytes: number;
  };
  readonly now: () => number;
  readonly random: (bytes: number) => Buffer;
}

/**
 * Devices as the operator makes, removes and takes them elsewhere: `storage user totp` (reference 6.5). A device that the operator removes or
 * replaces takes the recovery codes along; one that the operator gives has none until the person asks for them.
 */
export class AdminTotp {
  readonly #options: AdminTotpOptions;

  constructor(options: AdminTotpOptions) {
    this.#options = options;
  }

  async generate(request: GenerateRequest): ReturnType<Admin['generateTotp']> {
    const { db, devices, codes, people, totp, now } = this.#options;
    const key = this.#keyFrom(request);
    if (typeof key === 'string') return { outcome: 'invalid', problem: key };
    const issuer = request.issuer ?? totp.issuer;
    if (issuer === '' || issuer.includes(':')) return { outcome: 'invalid', problem: 'the issuer must not be empty or contain a colon' };
    const person = people.lookup(request.username);
    const username = person?.username ?? request.username;
    return inTransaction(db, async (trx) => {
      if (!request.force && (await devices.has(trx, username))) return { outcome: 'exists' };
      await devices.store(trx, username, issuer, key, now());
      await codes.delete(trx, username);
      await writeAudit(trx, { kind: 'second_factor_added', username, actor: 'operator' }, now());
      return { outcome: 'generated', url: otpauthUrl(key, issuer, username), secret: key.secret, userKnown: person !== null };
    });
  }

  delete(typed: string): ReturnType<Admin['deleteTotp']> {
    const { db, devices, codes, now } = this.#options;
    const username = this.#nameOf(typed);
    return inTransaction(db, async (trx) => {
      await codes.delete(trx, username);
      if (!(await devices.delete(trx, username))) return { outcome: 'none' };
      await writeAudit(trx, { kind: 'second_factor_removed', username, actor: 'operator' }, now());
      return { outcome: 'deleted' };
    });
  }

  /** null: everybody's. */
  async export(typed: string | null): ReturnType<Admin['exportTotp']> {
    const { db, devices, now } = this.#options;
    const whose = typed === null ? {} : { username: this.#nameOf(typed) };
    await writeAudit(db, { kind: 'secrets_exported', ...whose, actor: 'operator', detail: { what: 'second factors' } }, now());
    const one = typed === null ? null : await devices.find(db, this.#nameOf(typed));
    const found = typed === null ? await devices.all(db) : one === null ? [] : [one];
    return {
      devices: found.map(({ username, issuer, algorithm, digits, periodS, secret, createdAtMs, lastUsedAtMs }) => ({
        username,
        issuer,
        algorithm,
        digits,
        periodS,
        secret,
        url: otpauthUrl({ algorithm, digits, periodS, secret }, issuer, username),
        createdAtMs,
        lastUsedAtMs,
      })),
    };
  }

  /** All of them or none. One that is there as it is stays, with its codes; one that replaces another takes the codes of that along. */
  async import({ devices: wished, force }: Parameters<Admin['importTotp']>[0]): ReturnType<Admin['importTotp']> {
    const { db, devices, codes, people, now } = this.#options;
    const problems = wished.flatMap((device) => problemOf(device) ?? []);
    const names = wished.map(({ username }) => username);
    problems.push(...names.filter((name, index) => names.indexOf(name) < index).map((name) => `${name} is there twice`));
    if (problems.length > 0) return { outcome: 'invalid', problems };
    return inTransaction(db, async (trx) => {
      const found = await Promise.all(wished.map(async (device) => [device, await devices.find(trx, device.username)] as const));
      const changes = found.filter(([device, present]) => present === null || !isSame(device, present));
      const replaced = changes.flatMap(([, present]) => present?.username ?? []);
      if (replaced.length > 0 && !force) return { outcome: 'exists', usernames: replaced };
      for (const [{ username, issuer, createdAtMs, lastUsedAtMs, ...key }] of changes) {
        await devices.store(trx, username, issuer, { ...key, secret: parseTotpSecret(key.secret) ?? '' }, createdAtMs ?? now());
        if (lastUsedAtMs !== null) await devices.touch(trx, username, lastUsedAtMs);
        await codes.delete(trx, username);
        await writeAudit(trx, { kind: 'second_factor_added', username, actor: 'operator', detail: { imported: true } }, now());
      }
      const unknown = names.filter((name) => people.byName(name) === null);
      return { outcome: 'imported', stored: changes.length, unchanged: wished.length - changes.length, unknown };
    });
  }

  // A user who is gone from the file may still have a device.
  #nameOf(typed: string): string {
    return this.#options.people.lookup(typed)?.username ?? typed;
  }

  /** The key that is asked for, or what is wrong with it. */
  #keyFrom(request: GenerateRequest): TotpKey | string {
    const { totp, random } = this.#options;
    const digits = request.digits ?? totp.digits;
    const periodS = request.periodS ?? totp.periodSeconds;
    const settings = settingsProblem(digits, periodS);
    if (settings !== null) return settings;
    const size = request.secretSize ?? totp.secretSizeBytes;
    if (size < 20 || size > 1024) return `a secret has between 20 and 1024 bytes, not ${size}`;
    const secret = request.secret === null ? encodeTotpSecret(random(size)) : parseTotpSecret(request.secret);
    if (secret === null) return BAD_SECRET;
    return { algorithm: request.algorithm ?? totp.algorithm, digits, periodS, secret };
  }
}

const BAD_SECRET = 'the secret must be base32 (A-Z, 2-7) of at least 16 bytes';

function settingsProblem(digits: number, periodS: number): string | null {
  if (digits !== 6 && digits !== 8) return `codes have 6 or 8 digits, not ${digits}`;
  if (periodS < 15 || periodS > 86_400) return `a code lasts between 15 seconds and a day, not ${periodS} seconds`;
  return null;
}

function problemOf({ username, issuer, digits, periodS, secret }: TotpImport): string | null {
  const issuerProblem = issuer === '' || issuer.includes(':') ? 'the issuer must not be empty or contain a colon' : null;
  const problem = settingsProblem(digits, periodS) ?? issuerProblem ?? (parseTotpSecret(secret) === null ? BAD_SECRET : null);
  return problem === null ? null : `${username}: ${problem}`;
}

const isSame = (device: TotpImport, present: TotpDevice): boolean =>
  (['issuer', 'algorithm', 'digits', 'periodS'] as const).every((name) => device[name] === present[name]) &&
  parseTotpSecret(device.secret) === present.secret;
