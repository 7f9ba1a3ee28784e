import { decommissionDevice, showDevice, tagDevice } from '../actions/devices.ts';
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

/** Changes the tags of a device; one that has them so already is left alone. */
export async function retagListed(
  client: ApiClient,
  deviceId: string,
  retag: Retag,
  turn: Turn,
): Promise<Outcome> {
  const { tags, decommissioned } = await turn.read(() => showDevice(client, deviceId));
  const wanted = retag(tags);
  const isSame = wanted.length === tags.length && wanted.every((tag) => tags.includes(tag));
  // Of one out of service the backend says what it is.
  if (isSame && !decommissioned) return 'already';
  await turn.write(() => tagDevice(client, deviceId, wanted));
  return 'done';
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
