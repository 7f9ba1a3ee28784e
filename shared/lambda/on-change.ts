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

/** A function behind a table's change stream. What it throws makes the batch come again, in order. */
export function onChange<N extends Needs>(
  needs: N,
  steps: (changes: readonly Change[], needs: Bound<N>, call: Call) => Promise<void>,
): LambdaFunction<StreamEvent, void> {
  return lambdaFunction({ kind: 'change' }, needs, async (event: StreamEvent, bound, call) => {
    await steps(event.Records.map(readChange), bound, call);
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
