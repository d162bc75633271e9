import { AsyncLocalStorage } from 'node:async_hooks';

/** What is being answered just now, whoever asks for it on the way. */
export interface RequestScope {
  readonly requestId: string;
  /** The service that asked; null: it came from outside. */
  readonly sender: string | null;
}

const scopes = new AsyncLocalStorage<RequestScope>();

/** Runs `work` as a part of answering this request: calls to other services carry its id. */
export const inRequest = <T>(scope: RequestScope, work: () => T): T => scopes.run(scope, work);

/** null: nobody asked, as at the start or by a timer. */
export const currentRequest = (): RequestScope | null => scopes.getStore() ?? null;
