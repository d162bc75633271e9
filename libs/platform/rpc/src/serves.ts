import { Catch, UseFilters, type RpcExceptionFilter } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { throwError, type Observable } from 'rxjs';
import { patternOf, type Contract, type Handlers } from './contract.js';

/**
 * Marks a controller's methods with the patterns of the contract:
 * `@Controller() @Serves(contract) class SessionController implements Handlers<typeof contract>`.
 */
export function Serves<C extends Contract>(contract: C) {
  return (target: new (...args: never[]) => Handlers<C>): void => {
    const prototype = target.prototype as object;
    for (const name of Object.keys(contract.operations)) {
      const descriptor = methodOf(prototype, name);
      if (descriptor === undefined) throw new TypeError(`${target.name} has no method ${name}`);
      MessagePattern(patternOf(contract, name))(prototype, name, descriptor);
      Payload()(prototype, name, 0);
      Ctx()(prototype, name, 1);
    }
    UseFilters(new PassOn())(target);
  };
}

function methodOf(prototype: object | null, name: string): PropertyDescriptor | undefined {
  if (prototype === null) return undefined;
  return Object.getOwnPropertyDescriptor(prototype, name) ?? methodOf(Object.getPrototypeOf(prototype) as object | null, name);
}

/** Nest would log the error without the request's id and hide it from the server, which tells both. */
class PassOn implements RpcExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}
Catch()(PassOn);
