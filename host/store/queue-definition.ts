/** A queue as a service's `queues.yml` declares it. */
export interface QueueDefinition {
  /** 1 to 80 characters of `A-Z a-z 0-9 _ -`. */
  readonly name: string;
  /** How long a message is kept that nobody deletes; SQS: at most 14 days, 4 days unless told. */
  readonly retentionSeconds?: number;
  /** Where messages go that were received `maxReceiveCount` times and not deleted. */
  readonly redrive?: { readonly deadLetterQueue: string; readonly maxReceiveCount: number };
}
