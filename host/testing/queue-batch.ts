import type { SqsEvent } from '#shared/lambda/sqs.ts';

/** These messages as a queue hands them over, each for the first time; record `n` has the message id `n`. */
export const queueBatch = (bodies: readonly unknown[], sentAtMs = 0): SqsEvent => ({
  Records: bodies.map((body, at) => ({
    messageId: String(at),
    body: JSON.stringify(body),
    attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(sentAtMs) },
  })),
});
