import { failing, type SqsBatchResponse, type SqsRecord } from './sqs.ts';

/**
 * The records of one delivery by what was read of them. SQS deletes every record that the answer does not name, so that only
 * what was handled or refused may go unnamed.
 */
export class RecordBatch<Message extends object> {
  readonly #records = new Map<object, SqsRecord>();
  /** What was read, in the order of the delivery. */
  readonly messages: Message[] = [];
  readonly #again = new Set<SqsRecord>();

  add(message: Message, record: SqsRecord): void {
    this.messages.push(message);
    this.#records.set(message, record);
  }

  /** A record that must come again, whatever becomes of the others. */
  redeliver(record: SqsRecord): void {
    this.#again.add(record);
  }

  /** The record of a message. Throws for one that is not of this batch (a copy): to let it pass would be to lose it. */
  recordOf(message: object): SqsRecord {
    const record = this.#records.get(message);
    if (record === undefined) throw new TypeError('steps named a message that is not one of their batch');
    return record;
  }

  /** The answer that has these messages delivered again, and every record that could not be dealt with. */
  answer(retry: readonly object[]): SqsBatchResponse {
    for (const message of retry) this.#again.add(this.recordOf(message));
    return failing([...this.#again]);
  }
}
