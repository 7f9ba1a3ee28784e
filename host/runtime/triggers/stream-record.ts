import { compilePattern } from '#host/events/pattern.ts';
import type { RecordedChange } from '#host/store/change-log.ts';
import type { Change } from '#shared/capabilities/table.ts';
import { type AttributeMap, marshallItem } from '#shared/lambda/attribute-value.ts';

/** A record as DynamoDB Streams hands it to Lambda. */
export interface StreamRecord {
  readonly eventID: string;
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly eventVersion: '1.1';
  readonly eventSource: 'aws:dynamodb';
  readonly awsRegion: string;
  readonly eventSourceARN: string;
  readonly dynamodb: {
    readonly ApproximateCreationDateTime: number;
    readonly Keys: AttributeMap;
    readonly OldImage?: AttributeMap;
    readonly NewImage?: AttributeMap;
    readonly SequenceNumber: string;
    readonly StreamViewType: 'NEW_AND_OLD_IMAGES';
  };
}

/** The record of one change, for a table whose stream has both images. */
export function streamRecord(change: RecordedChange, streamArn: string): StreamRecord {
  const { sequence, atMs } = change;
  return {
    eventID: String(sequence),
    eventName: eventNameOf(change),
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: streamArn.split(':')[3] ?? '',
    eventSourceARN: streamArn,
    dynamodb: {
      ApproximateCreationDateTime: atMs / 1000,
      Keys: keysOf(change),
      ...imagesOf(change),
      SequenceNumber: String(sequence),
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    },
  };
}

/**
 * Whether a change passes one of the `filterPatterns` (all, where there are none). Throws `ConfigurationError` for patterns
 * that are not supported. Asked for every write of the table: images are only made where a pattern looks at them.
 */
export function changeFilter(filterPatterns: readonly unknown[]): (change: Change) => boolean {
  if (filterPatterns.length === 0) return () => true;
  const patterns = filterPatterns.map(compilePattern);
  const looksAtImages = JSON.stringify(filterPatterns).includes('Image"');
  return (change) => {
    const dynamodb = { Keys: keysOf(change), ...(looksAtImages && imagesOf(change)) };
    const seen = { eventName: eventNameOf(change), dynamodb };
    return patterns.some((matches) => matches(seen));
  };
}

function eventNameOf({ before, after }: Change): StreamRecord['eventName'] {
  if (before === undefined) return 'INSERT';
  return after === undefined ? 'REMOVE' : 'MODIFY';
}

function keysOf({ keys }: Change): AttributeMap {
  return { pk: { S: keys.pk }, sk: { S: keys.sk } };
}

function imagesOf({ before, after }: Change): Pick<StreamRecord['dynamodb'], 'OldImage' | 'NewImage'> {
  return {
    ...(before !== undefined && { OldImage: marshallItem(before) }),
    ...(after !== undefined && { NewImage: marshallItem(after) }),
  };
}
