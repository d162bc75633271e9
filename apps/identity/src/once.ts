import { identityAdminContract } from '@portcullis/contracts-identity';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { AdminController } from './admin.controller.js';
import { AdminParts, openStore, openStoreUnchecked, type Store } from './admin-parts.js';
import { describeSchema } from './admin-storage.js';
import type { IdentityValues } from './config.js';
import { createPeople } from './people.js';
import { openUsers } from './open-users.js';
import { createDirectory } from './user-directory.js';
import { SqlUsersError } from './sql-users.js';
import type { Users } from './users.js';
import { UsersFileError } from './users-file.js';

const { operations } = identityAdminContract;
type Name = keyof typeof operations;

const names = Object.keys(operations) as [Name, ...Name[]];
const envelope = z.object({ operation: z.enum(names), request: z.unknown() });

/** What came on standard input is no request of the contract. */
class RequestError extends Error {
  readonly code = 'REQUEST';
}

/** Answers one operation of the admin contract: `{operation, request}` on standard input, the reply on standard output, all else on standard error. */
export async function answerOnce(value: IdentityValues, directory: string): Promise<void> {
  const { operation, request } = parse(envelope, JSON.parse(await text(process.stdin)));
  // Opening it would bring it up to date, and make it where there is none.
  if (operation === 'describeSchema') {
    print(await describeSchema(value.storage.store));
    return;
  }
  const store = await (operation === 'checkEncryption' ? openStoreUnchecked : openStore)(value, directory, { size: 1 });
  try {
    if (store.key.madeFile !== null) process.stderr.write(`A secret was made and kept in ${store.key.madeFile}: back this up\n`);
    const users = await usersOf(value, store);
    const people = createPeople(() => users?.directory ?? createDirectory([], value.backend.search));
    const controller = new AdminController(AdminParts.of(value, store, people, users, false));
    print(await answer(controller, operation, request));
  } finally {
    await store.db.destroy();
  }
}

function answer(controller: AdminController, operation: Name, request: unknown): Promise<unknown> {
  const handle = controller[operation].bind(controller) as (request: unknown) => Promise<unknown>;
  return handle(parse(operations[operation].request, request));
}

function parse<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new RequestError(z.prettifyError(parsed.error));
}

function print(reply: unknown): void {
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}

// The operator may be at work because the users file is broken: then nobody is known.
async function usersOf(value: IdentityValues, store: Store): Promise<Users | null> {
  const say = (message: string): void => {
    process.stderr.write(`${message}\n`);
  };
  try {
    return await openUsers(value, store, { error: say, warn: () => undefined });
  } catch (error) {
    if (!(error instanceof UsersFileError || error instanceof SqlUsersError)) throw error;
    say(`The users cannot be used, so that no name of theirs is known\n${error.message}`);
    return null;
  }
}
