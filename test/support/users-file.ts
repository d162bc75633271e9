import { hash } from '@node-rs/argon2';
import { stringify } from 'yaml';

export interface Person {
  readonly password: string;
  readonly displayname?: string;
  readonly email?: string;
  readonly groups?: readonly string[];
  readonly disabled?: boolean;
}

/** An argon2id digest that is quick to check: tests sign in often, and what they prove is not its cost. */
export const digest = (password: string): Promise<string> => hash(password, { memoryCost: 1024, timeCost: 1, parallelism: 1 });

/** The text of a users_database.yml: who is in it, with digests of these passwords. */
export async function usersFile(people: Readonly<Record<string, Person>>): Promise<string> {
  const entries = Object.entries(people).map(
    async ([name, { password, displayname = name, email = `${name}@example.com`, groups = [], disabled = false }]) => {
      return [name, { disabled, displayname, password: await digest(password), email, groups: [...groups] }] as const;
    },
  );
  return stringify({ users: Object.fromEntries(await Promise.all(entries)) });
}
