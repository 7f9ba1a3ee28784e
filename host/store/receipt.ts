import { RefusedError } from '#shared/errors/errors.ts';
import type { QueueRow } from './queue-rows.ts';
import type { ReceivedMessage } from './queue-source.ts';

/** One receipt of one message: the message's id and how often it had been received then. */
export interface Receipt {
  readonly id: number;
  readonly receiveCount: number;
}

/** A stored message as its receiver sees it. */
export function receivedMessage({ id, receiveCount, body, sentAtMs }: QueueRow): ReceivedMessage {
  return { messageId: `${id}`, receiptHandle: `${id}.${receiveCount}`, body, receiveCount, sentAtMs };
}

/** Throws `RefusedError` for what is no receipt handle of an embedded queue. */
export function receiptOf(handle: string): Receipt {
  const parts = /^(\d{1,16})\.(\d{1,9})$/.exec(handle);
  if (parts === null) throw new RefusedError('receiptHandle', 'is not one that this queue gave');
  return { id: Number(parts[1]), receiveCount: Number(parts[2]) };
}
