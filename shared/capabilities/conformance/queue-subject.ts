import type { Backlog } from '../backlog.ts';
import type { Queue } from '../queue.ts';

/** A message as a consumer sees it. */
export interface Delivery {
  readonly receiptHandle: string;
  readonly body: string;
  readonly receiveCount: number;
  readonly sentAtMs: number;
}

/** A new, empty queue for one test. */
export interface OpenQueue {
  readonly queue: Queue;
  readonly backlog: Backlog;
  /** What is receivable now, at most `max`, hidden from others for that long. */
  receive(max: number, visibilityTimeoutSeconds: number): Promise<readonly Delivery[]>;
  remove(receiptHandles: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** A queue whose time a test can move, with a dead-letter queue after three receipts and a retention of four days. */
export interface OpenTimedQueue extends OpenQueue {
  release(receiptHandles: readonly string[], delaySeconds: number): Promise<void>;
  /** Bodies of all messages in the dead-letter queue. */
  deadLetters(): Promise<readonly string[]>;
  /** Sends all dead letters back; answers how many. */
  redrive(): Promise<number>;
  now(): number;
  elapse(durationMs: number): Promise<void>;
}

/** Sends one message for each text, until all are accepted. */
export async function sendAll(queue: Queue, ...bodies: readonly string[]): Promise<void> {
  let left = bodies.map((body) => ({ body }));
  while (left.length > 0) {
    const { failed } = await queue.send(left);
    left = failed.flatMap((at) => left[at] ?? []);
  }
}

/** The texts of what was received, sorted, because a queue has no order. */
export function bodiesOf(deliveries: readonly Delivery[]): string[] {
  return deliveries.map(({ body }) => body).sort();
}

/** Receives one message for 30 seconds; throws when there is none. */
export async function receiveOne(opened: OpenQueue): Promise<Delivery> {
  const [delivery] = await opened.receive(1, 30);
  if (delivery === undefined) throw new Error('nothing to receive');
  return delivery;
}
