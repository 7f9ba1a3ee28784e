import type { Change } from '#shared/capabilities/table.ts';
import { marshallItem } from '#shared/lambda/attribute-value.ts';
import type { StreamEvent } from '#shared/lambda/on-change.ts';

/** The changes that the filter of `relay-outbox` lets through, as a change stream hands them over. */
export function streamEventOf(changes: readonly Change[]): StreamEvent {
  const inserted = changes.filter(
    ({ keys, before, after }) => !before && after && keys.sk.startsWith('outbox#'),
  );
  return {
    Records: inserted.map(({ keys, after }, at) => ({
      eventName: 'INSERT',
      dynamodb: {
        Keys: marshallItem({ ...keys }),
        ...(after && { NewImage: marshallItem(after) }),
        SequenceNumber: String(at),
      },
    })),
  };
}
