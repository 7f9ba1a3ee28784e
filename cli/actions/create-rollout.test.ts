import { beforeEach, expect, test } from '@jest/globals';
import { CreateRollout } from '#shared/contracts/api/rollouts.ts';
import { VirtualWorld } from '#shared/world/virtual-world.ts';
import type { ApiClient } from '../api-client.ts';
import { ApiError } from '../errors.ts';
import { createRollout } from './create-rollout.ts';

const DOCUMENT = { release: 'cam/2.1.0' };
const MADE = { rollout: '01JD4Z6Q7R8S9T0V1W2X3Y4Z5D' };
const refusal = (field: string, rule: string) =>
  new ApiError(422, { code: 'refused', message: `${field}: ${rule}`, field, rule });
const UNKNOWN = refusal('release', 'cam/2.1.0 must be a published release');

let world: VirtualWorld;
let tries: number;
beforeEach(() => {
  world = new VirtualWorld();
  tries = 0;
});

/** An API that refuses the document so many times; `state` is what it says of the release, which it does not know where there is none. */
function apiWith(error: ApiError, times: number, state: string | undefined): ApiClient {
  const call = async (route: unknown) => {
    if (route === CreateRollout) {
      tries += 1;
      if (tries <= times) throw error;
      return MADE;
    }
    if (state === undefined) throw refusal('release', 'is not there');
    return { state };
  };
  // Creating asks a client for these two and for nothing else.
  return { call, world } as unknown as ApiClient;
}

test('a release that was published just now is asked for again until it is known', async () => {
  const made = createRollout(apiWith(UNKNOWN, 3, 'published'), DOCUMENT);
  await world.advance(1_000);
  await expect(made).resolves.toBe(MADE);
  expect(tries).toBe(4);
});

test('after a minute the refusal is told', async () => {
  const made = expect(createRollout(apiWith(UNKNOWN, 1_000, 'published'), DOCUMENT)).rejects.toBe(UNKNOWN);
  await world.advance(61_000);
  await made;
  expect(tries).toBeGreaterThan(100);
});

test.each([
  ['a release that is not published', UNKNOWN, 'verified'],
  ['a release that is not there', UNKNOWN, undefined],
  ['a release that was revoked', refusal('release', 'cam/2.1.0 has been revoked'), 'revoked'],
  ['another field', refusal('stages', 'must not be empty'), 'published'],
])('for %s the refusal is told at once', async (_, error, state) => {
  await expect(createRollout(apiWith(error, 1, state), DOCUMENT)).rejects.toBe(error);
  expect(tries).toBe(1);
});
