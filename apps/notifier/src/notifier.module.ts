import { type DynamicModule, Module } from '@nestjs/common';
import { NoticeWorker, type WorkerOptions } from './notice-worker.js';

/** The worker, from the start of the application to its end. */
@Module({})
export class NotifierModule {
  static with(options: WorkerOptions): DynamicModule {
    return { module: NotifierModule, providers: [{ provide: NoticeWorker, useFactory: () => new NoticeWorker(options) }] };
  }
}
