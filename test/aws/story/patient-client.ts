import type { Route } from '#shared/contracts/api/route.ts';
import { pause } from '#shared/world/world.ts';
import { ApiClient, type CallInput, type CallOptions } from '../../../cli/api-client.ts';
import { ApiError } from '../../../cli/errors.ts';

const MOST_TRIES = 20;
const AGAIN_MS = 1_000;

/**
 * Asks again where a read was answered 500: functions give a request to DynamoDB a second and a half, which on two cores that do
 * other things is sometimes too short.
 */
export class PatientClient extends ApiClient {
  override async call<Path, Query, Body, Answer>(
    route: Route<Path, Query, Body, Answer>,
    input: CallInput<Path, Query, Body>,
    options: CallOptions = {},
  ): Promise<Answer> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await super.call(route, input, options);
      } catch (error) {
        const mayAskAgain = error instanceof ApiError && error.status === 500 && route.method === 'GET';
        if (!mayAskAgain || tries === MOST_TRIES) throw error;
      }
      await pause(this.world, AGAIN_MS);
    }
  }
}
