import type { Cancel } from '#shared/world/world.ts';

/** A message as a trigger receives it. */
export interface ReceivedMessage {
  /** Unique in its queue, for ever. */
  readonly messageId: string;
  /** Names this very receipt; worthless once the message has been received again. */
  readonly receiptHandle: string;
  readonly body: string;
  /** 1 at the first receipt. */
  readonly receiveCount: number;
  /** When it was first sent, milliseconds since 1970. */
  readonly sentAtMs: number;
}

/** The reading side of a queue, for triggers. */
export interface QueueSource {
  /**
   * At most `max` messages that nobody else sees for `visibilityTimeoutSeconds`. When they are fewer than `max`, the
   * rest is announced by `onArrival`. Messages received too often go to the dead-letter queue instead.
   */
  receive(max: number, visibilityTimeoutSeconds: number): Promise<readonly ReceivedMessage[]>;
  /** Deletes messages for good; a handle of an earlier receipt deletes nothing. */
  remove(receiptHandles: readonly string[]): Promise<void>;
  /** Gives messages back before their time is out, to be received again after `delaySeconds`. */
  release(receiptHandles: readonly string[], delaySeconds: number): Promise<void>;
  /** Calls `run` whenever messages may have become receivable. */
  onArrival(run: () => void): Cancel;
}
