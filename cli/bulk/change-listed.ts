import type { DeviceView } from '#shared/contracts/api/devices.ts';
import { decommissionDevice, hasOtherTags, knowsNoHad, showDevice, tagDevice } from '../actions/devices.ts';
import type { ApiClient } from '../api-client.ts';
import type { Outcome, Turn } from './run-bulk.ts';

/** What becomes of the tags that a device has. */
export type Retag = (had: readonly string[]) => readonly string[];

/** These tags and no others. */
export const replaceTags =
  (tags: readonly string[]): Retag =>
  () =>
    tags;

/** These tags beside those that are there. */
export const addTags =
  (tags: readonly string[]): Retag =>
  (had) => [...had, ...tags.filter((tag) => !had.includes(tag))];

/** None of these tags; the others stay. */
export const removeTags =
  (tags: readonly string[]): Retag =>
  (had) =>
    had.filter((tag) => !tags.includes(tag));

/** Each time somebody else has changed the tags in between; a device has few who do. */
const MOST_TRIES = 10;

/**
 * Changes the tags of a device from those that it has; one that has them so already is left alone. Whoever changes them at the same time
 * is not overwritten: then they are read again.
 */
export async function retagListed(
  client: ApiClient,
  deviceId: string,
  retag: Retag,
  turn: Turn,
): Promise<{ readonly outcome: Outcome; readonly device: DeviceView }> {
  for (let tries = 1; ; tries++) {
    const device = await turn.read(() => showDevice(client, deviceId));
    const { tags, decommissioned } = device;
    const wanted = retag(tags);
    const isSame = wanted.length === tags.length && wanted.every((tag) => tags.includes(tag));
    // Of one out of service the backend says what it is.
    if (isSame && !decommissioned) return { outcome: 'already', device };
    try {
      return {
        outcome: 'done',
        device: await turn.write(() => replaceTagsOf(client, deviceId, wanted, tags)),
      };
    } catch (error) {
      if (!hasOtherTags(error) || tries >= MOST_TRIES) throw error;
    }
  }
}

async function replaceTagsOf(
  client: ApiClient,
  deviceId: string,
  wanted: readonly string[],
  had: readonly string[],
): Promise<DeviceView> {
  try {
    return await tagDevice(client, deviceId, wanted, had);
  } catch (error) {
    if (!knowsNoHad(error)) throw error;
    return tagDevice(client, deviceId, wanted);
  }
}

/** Takes a device out of service, unless it is so already. */
export async function decommissionListed(
  client: ApiClient,
  deviceId: string,
  reason: string | undefined,
  turn: Turn,
): Promise<Outcome> {
  const { decommissioned } = await turn.read(() => showDevice(client, deviceId));
  if (decommissioned) return 'already';
  await turn.write(() => decommissionDevice(client, deviceId, reason));
  return 'done';
}
