import type { Bound } from '#shared/capabilities/needs.ts';
import type { Change } from '#shared/capabilities/table.ts';
import { type AttributeMap, unmarshallItem } from './attribute-value.ts';
import type { Call } from './call.ts';
import { type LambdaFunction, lambdaFunction, type Needs } from './lambda-function.ts';

/** What a table's change stream hands to a function: the parts that are read. */
export interface StreamEvent {
  readonly Records: readonly {
    readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
    readonly dynamodb: {
      readonly Keys: AttributeMap;
      readonly OldImage?: AttributeMap;
      readonly NewImage?: AttributeMap;
      readonly SequenceNumber: string;
    };
  }[];
}

/** The first record that must be delivered again, with all that follow it; those before it are done (ReportBatchItemFailures). */
export interface StreamBatchResponse {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/**
 * A function behind a table's change stream. Steps answer the first change from which on all must come again, in order; when they
 * throw, the whole batch does.
 */
export function onChange<N extends Needs>(
  needs: N,
  steps: (
    changes: readonly Change[],
    needs: Bound<N>,
    call: Call,
  ) => Promise<{ readonly from: Change } | undefined>,
): LambdaFunction<StreamEvent, StreamBatchResponse> {
  return lambdaFunction({ kind: 'change' }, needs, async (event: StreamEvent, bound, call) => {
    const changes = event.Records.map(readChange);
    const again = await steps(changes, bound, call);
    if (again === undefined) return { batchItemFailures: [] };
    const first = event.Records[changes.indexOf(again.from)];
    // An empty answer would mean that all is done.
    if (first === undefined) throw new TypeError('steps named a change that is not one of their batch');
    return { batchItemFailures: [{ itemIdentifier: first.dynamodb.SequenceNumber }] };
  });
}

/** Throws `TypeError` for a record without its images: what it tells of could not be seen, and so would be lost. */
function readChange({ eventName, dynamodb }: StreamEvent['Records'][number]): Change {
  const { Keys, OldImage, NewImage } = dynamodb;
  if (
    (NewImage === undefined && eventName !== 'REMOVE') ||
    (OldImage === undefined && eventName !== 'INSERT')
  )
    throw new TypeError(`a ${eventName} came without its images: the stream must have NEW_AND_OLD_IMAGES`);
  const keys = unmarshallItem(Keys);
  return {
    keys: { pk: String(keys.pk), sk: String(keys.sk) },
    ...(OldImage && { before: unmarshallItem(OldImage) }),
    ...(NewImage && { after: unmarshallItem(NewImage) }),
  };
}
