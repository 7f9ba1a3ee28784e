import type { Bound } from '#shared/capabilities/needs.ts';
import type { Call } from './call.ts';
import { type LambdaFunction, lambdaFunction, type Needs } from './lambda-function.ts';

/** A function that runs by the clock, once a minute at the most. What it throws is retried and at last kept. */
export function onSchedule<N extends Needs>(
  needs: N,
  steps: (needs: Bound<N>, call: Call) => Promise<void>,
): LambdaFunction<unknown, void> {
  return lambdaFunction({ kind: 'schedule' }, needs, (_event: unknown, bound, call) => steps(bound, call));
}
