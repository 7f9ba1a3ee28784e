import type * as z from 'zod';
import { type Bound, deviceLink, together } from '#shared/capabilities/needs.ts';
import { RefusedError } from '#shared/errors/errors.ts';
import type { Call } from './call.ts';
import { answerRefused, type DeviceMessage, readDeviceMessage, readSender } from './device-message.ts';
import { type LambdaFunction, lambdaFunction, type Needs } from './lambda-function.ts';

/**
 * A function directly behind an IoT rule: only for questions that the device asks again when no answer comes, because an
 * asynchronous invocation can be lost. A refusal is answered on `ek/<thing>/refused` and is final.
 */
export function onDeviceMessage<Body, N extends Needs>(
  kind: string,
  schema: z.ZodType<Body>,
  needs: N,
  steps: (message: DeviceMessage<Body>, needs: Bound<N>, call: Call) => Promise<void>,
): LambdaFunction<unknown, void> {
  const all = { own: together(needs), link: deviceLink };
  return lambdaFunction(
    { kind: 'device-message', contract: schema },
    all,
    async (event: unknown, { own, link }, call) => {
      const sender = readSender(event);
      try {
        await steps(readDeviceMessage(sender, schema), own, call);
      } catch (error) {
        if (!(error instanceof RefusedError)) throw error;
        call.count('DeviceMessageRefused');
        await answerRefused(link, sender, kind, error);
      }
    },
  );
}
