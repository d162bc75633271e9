import { Module, type DynamicModule } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import type { SessionMetrics } from './metrics.js';
import type { SessionParts } from './session-parts.js';
import { SESSION_PARTS, SessionController } from './session.controller.js';
import { TimeOperations } from './time-operations.js';

@Module({})
export class SessionModule {
  static with(parts: SessionParts, metrics: SessionMetrics): DynamicModule {
    return {
      module: SessionModule,
      controllers: [SessionController],
      providers: [
        { provide: SESSION_PARTS, useValue: parts },
        { provide: APP_INTERCEPTOR, useValue: new TimeOperations(metrics) },
      ],
    };
  }
}
