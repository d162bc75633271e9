import { type DynamicModule, Module } from '@nestjs/common';
import { NoticeWorker } from './notice-worker.js';

@Module({})
export class NotifierModule {
  static with(worker: NoticeWorker): DynamicModule {
    return { module: NotifierModule, providers: [{ provide: NoticeWorker, useValue: worker }] };
  }
}
