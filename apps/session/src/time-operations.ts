import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { tap, type Observable } from 'rxjs';
import type { SessionMetrics } from './metrics.js';

/** Observes how long each operation took, by its name. */
export class TimeOperations implements NestInterceptor {
  constructor(private readonly metrics: Pick<SessionMetrics, 'operation'>) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { name } = context.getHandler();
    const beganMs = performance.now();
    const observe = (outcome: 'answered' | 'failed') => (): void => {
      this.metrics.operation(name, outcome, (performance.now() - beganMs) / 1000);
    };
    return next.handle().pipe(tap({ complete: observe('answered'), error: observe('failed') }));
  }
}
