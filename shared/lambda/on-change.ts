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
    const first = again === undefined ? undefined : event.Records[changes.indexOf(again.from)];
    return { batchItemFailures: first ? [{ itemIdentifier: first.dynamodb.SequenceNumber }] : [] };
  });
}

function readChange({ dynamodb }: StreamEvent['Records'][number]): Change {
  const { Keys, OldImage, NewImage } = dynamodb;
  const keys = unmarshallItem(Keys);
  return {
    keys: { pk: String(keys.pk), sk: String(keys.sk) },
    ...(OldImage && { before: unmarshallItem(OldImage) }),
    ...(NewImage && { after: unmarshallItem(NewImage) }),
  };
}
