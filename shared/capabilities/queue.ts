/** A message to be sent: `body` is text (JSON), at most 256 KB (SQS limit). */
export interface OutgoingMessage {
  readonly body: string;
  /** Seconds before anyone may receive it, at most 900 (SQS limit). */
  readonly delaySeconds?: number;
}

/** At least once, in no order. Reading is the trigger's business; how far it is behind tells a `Backlog`. */
export interface Queue {
  /** Sends each message durably; answers the positions of those that were not accepted and must be sent again. */
  send(messages: readonly OutgoingMessage[]): Promise<{ readonly failed: readonly number[] }>;
}
