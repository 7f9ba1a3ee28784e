import type { _Record } from '@aws-sdk/client-dynamodb-streams';

/** A record of a change stream as Lambda hands it over: the stream's own, and where it comes from. */
export interface WireRecord {
  readonly [name: string]: unknown;
  readonly dynamodb: Readonly<Record<string, unknown>>;
}

/** The SDK makes a Date of the time; on the wire it is seconds. */
export function recordOnWire(record: _Record, streamArn: string): WireRecord {
  const { dynamodb, ...rest } = record;
  const { ApproximateCreationDateTime: createdAt, ...change } = dynamodb ?? {};
  return {
    ...rest,
    eventSource: 'aws:dynamodb',
    eventSourceARN: streamArn,
    dynamodb: {
      ...change,
      ...(createdAt !== undefined && { ApproximateCreationDateTime: createdAt.getTime() / 1000 }),
    },
  };
}
