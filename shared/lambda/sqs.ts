/** What SQS hands to a function: the parts that are read. */
export interface SqsEvent {
  readonly Records: readonly SqsRecord[];
}

/** A message of a batch: the parts that are read. */
export interface SqsRecord {
  readonly messageId: string;
  readonly body: string;
  readonly attributes: {
    readonly ApproximateReceiveCount: string;
    /** Milliseconds since 1970, as text. */
    readonly SentTimestamp: string;
  };
}

/** The records that must be delivered again; SQS deletes all the others (ReportBatchItemFailures). */
export interface SqsBatchResponse {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/** The response that asks for these records again, each once: a message may be in one batch twice. */
export function failing(records: readonly SqsRecord[]): SqsBatchResponse {
  const ids = new Set(records.map(({ messageId }) => messageId));
  return { batchItemFailures: [...ids].map((itemIdentifier) => ({ itemIdentifier })) };
}
