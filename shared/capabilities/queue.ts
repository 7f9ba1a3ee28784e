/** A message to be sent: `body` is text (JSON), at most 256 KB (SQS limit). */
export interface OutgoingMessage {
  readonly body: string;
  /** Seconds before anyone may receive it, at most 900 (SQS limit). */
  readonly delaySeconds?: number;
}

/** How far behind the readers of a queue are. */
export interface Backlog {
  /** Messages not yet deleted: waiting, delayed or in flight. */
  readonly messages: number;
  /** When the oldest message that is waiting or in flight (not delayed) was sent; absent if there is none. */
  readonly oldestSentAtMs?: number;
}

/** At least once, in no order. Reading is the trigger's business; functions only send and look at the backlog. */
export interface Queue {
  /** Sends each message durably; answers the positions of those that were not accepted and must be sent again. */
  send(messages: readonly OutgoingMessage[]): Promise<{ readonly failed: readonly number[] }>;
  backlog(): Promise<Backlog>;
}
