import { NOTICE_SEAL_PURPOSE, notice, type NoticeJob, noticeJob } from '@portcullis/contracts-notifier';
import { type identityContract } from '@portcullis/contracts-identity';
import { type Client } from '@portcullis/platform-rpc';
import { createKeyRing } from '@portcullis/platform-seal';
import { type Logger } from '@portcullis/platform-telemetry';
import { type Job } from 'bullmq';
import { type NoticeMeter } from './metrics.js';
import { type Render } from './templates.js';
import { type Transport } from './transport.js';

export interface DeliveryOptions {
  /** `rpc.secret`: what the job is sealed with. */
  readonly secrets: readonly string[];
  readonly render: Render;
  readonly transport: Transport;
  readonly identity: Pick<Client<typeof identityContract>, 'acknowledgeNotice'>;
  readonly meter: NoticeMeter;
  readonly log: Logger;
}

/**
 * One try of one notice: opened, rendered, delivered, acknowledged. A failure is told to identity, where the operator sees it, and thrown,
 * so that the queue tries again. An acknowledgement that does not get through throws nothing: identity adds the notice again, and the
 * queue, which still holds the job as done, makes no second one of it.
 */
export function createDelivery({ secrets, render, transport, identity, meter, log }: DeliveryOptions): (job: Job<NoticeJob>) => Promise<void> {
  const ring = createKeyRing(secrets, NOTICE_SEAL_PURPOSE);
  const tell = async (noticeId: string, result: Parameters<typeof identity.acknowledgeNotice>[0]['result']): Promise<void> => {
    await identity.acknowledgeNotice({ noticeId, result }).catch((error: unknown) => {
      log.warn('A notice could not be acknowledged; identity asks again', { notice: noticeId, error: String(error) });
    });
  };
  return async (job) => {
    const { noticeId, sealed } = noticeJob.parse(job.data);
    const attempt = job.attemptsMade + 1;
    try {
      const opened = notice.parse(JSON.parse(ring.open(Buffer.from(sealed, 'base64'), noticeId).toString()));
      await transport.deliver(render(noticeId, opened));
      log.info('A notice was delivered', { notice: noticeId, kind: opened.kind, attempt });
    } catch (cause) {
      const error = cause instanceof Error ? cause.message : String(cause);
      const final = attempt >= (job.opts.attempts ?? 1);
      meter.failed(final);
      log[final ? 'error' : 'warn'](
        final ? 'A notice could not be delivered and is given up: portcullis notices list' : 'A notice could not be delivered; it is tried again',
        {
          notice: noticeId,
          attempt,
          error,
        },
      );
      await tell(noticeId, { status: 'failed', error, attempt, final });
      throw cause;
    }
    meter.delivered();
    await tell(noticeId, { status: 'delivered' });
  };
}
