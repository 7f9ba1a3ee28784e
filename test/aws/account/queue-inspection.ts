import * as z from 'zod';

const Message = z.object({ body: z.string(), sentTimestamp: z.number() });
const Inspected = z.object({
  messages: z.object({
    ready: z.array(Message),
    delayed: z.array(Message),
    inflight: z.array(z.object({ message: Message })),
  }),
});

/** What lies in a queue, as its server tells without receiving anything. */
export interface QueueContents {
  /** Bodies of the messages that wait, are delayed or in flight. */
  readonly bodies: readonly string[];
  /** When the oldest that is waiting or in flight was sent, milliseconds since 1970; absent when there is none. */
  readonly oldestSentAtMs?: number;
}

/** Looks into a queue of fauxqs by its name. */
export async function contentsOf(fauxqsEndpoint: string, queue: string): Promise<QueueContents> {
  const response = await fetch(`${fauxqsEndpoint}/_fauxqs/queues/${queue}`);
  const { messages } = Inspected.parse(await response.json());
  const here = [...messages.ready, ...messages.inflight.map(({ message }) => message)];
  const oldestSentAtMs = Math.min(...here.map(({ sentTimestamp }) => sentTimestamp));
  return {
    bodies: [...here, ...messages.delayed].map(({ body }) => body),
    ...(here.length > 0 && { oldestSentAtMs }),
  };
}
