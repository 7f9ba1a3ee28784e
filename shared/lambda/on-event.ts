import type { Bound } from '#shared/capabilities/needs.ts';
import type { EventContract } from '#shared/contracts/events/event.ts';
import type { Call } from './call.ts';
import { type LambdaFunction, lambdaFunction, type Needs } from './lambda-function.ts';

/** What EventBridge hands to a function: the parts that are read. */
export interface BridgeEvent {
  readonly id?: string;
  readonly source: string;
  readonly 'detail-type': string;
  readonly detail: unknown;
}

/** A function behind one kind of event on the bus. An event that breaks its contract fails, to be retried and kept. */
export function onEvent<Detail, N extends Needs>(
  contract: EventContract<Detail>,
  needs: N,
  steps: (event: Detail, needs: Bound<N>, call: Call) => Promise<void>,
): LambdaFunction<BridgeEvent, void> {
  return lambdaFunction(
    { kind: 'event', contract, correlationIdOf: ({ id }) => id },
    needs,
    async (event: BridgeEvent, bound, call) => {
      const { source, type, detail } = contract;
      // Details of two kinds may look alike: who trusted the rule's pattern alone would act on the wrong one.
      if (event.source !== source || event['detail-type'] !== type)
        throw new TypeError(
          `waits for ${type} of ${source}, and got ${event['detail-type']} of ${event.source}`,
        );
      await steps(detail.parse(event.detail), bound, call);
    },
  );
}
