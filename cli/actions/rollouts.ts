import type * as z from 'zod';
import { GetRolloutCost, type RolloutCost } from '#shared/contracts/api/cost.ts';
import {
  ExplainDevice,
  type ListedEnd,
  ListRolloutDevices,
  type RolloutDevice,
} from '#shared/contracts/api/rollout-devices.ts';
import {
  AbortRollout,
  ApproveRollout,
  CountDraft,
  GetRollout,
  LaunchRollout,
  ListRollouts,
  OpenStage,
  PauseRollout,
  ResumeRollout,
  type RolloutView,
} from '#shared/contracts/api/rollouts.ts';
import { documentSha256 } from '#shared/contracts/document-sha256.ts';
import { Ulid } from '#shared/contracts/names.ts';
import type { ApiClient } from '../api-client.ts';
import { UsageError } from '../errors.ts';
import { allPages } from './all-pages.ts';

/** A rollout in a listing. */
export type RolloutSummary = z.infer<typeof ListRollouts.answer>['rollouts'][number];
/** What a device gets and why. */
export type Explanation = z.infer<typeof ExplainDevice.answer>;

/** A rollout's document: YAML or JSON text, or the object itself. */
export type RolloutDocument = string | Record<string, unknown>;

/** Evidence that is declared not to be the release's fault. */
export interface Excuse {
  readonly devices: readonly string[];
  readonly reasons: readonly string[];
}

/** How many rollouts are looked through for a part of an id. */
const MOST_SEARCHED = 1000;
/** Fewer characters of an id are a slip of the keyboard: with one rollout, an empty word would mean that one. */
const LEAST_PART = 4;

/** Launches a draft. */
export function launchRollout(client: ApiClient, rollout: string): Promise<RolloutView> {
  return client.call(LaunchRollout, { params: { rollout } });
}

/** Has whom a draft would reach counted again; the count comes later, see `awaitPreview`. */
export function countDraft(client: ApiClient, rollout: string): Promise<RolloutView> {
  return client.call(CountDraft, { params: { rollout } });
}

/** Approves a draft, by the document that is in `view` and no other. */
export function approveRollout(
  client: ApiClient,
  { rollout, document }: Pick<RolloutView, 'rollout' | 'document'>,
): Promise<RolloutView> {
  const body = { documentSha256: documentSha256(document) };
  return client.call(ApproveRollout, { params: { rollout }, body });
}

/** One rollout. */
export function showRollout(client: ApiClient, rollout: string): Promise<RolloutView> {
  return client.call(GetRollout, { params: { rollout } });
}

/** What a rollout costs on AWS. */
export function rolloutCost(client: ApiClient, rollout: string): Promise<RolloutCost> {
  return client.call(GetRolloutCost, { params: { rollout } });
}

/** Rollouts, newest first, at most `limit`. */
export function listRollouts(client: ApiClient, limit: number): Promise<RolloutSummary[]> {
  return allPages(limit, async (page) => {
    const { rollouts, cursor } = await client.call(ListRollouts, { query: page });
    return { items: rollouts, cursor };
  });
}

/** Devices of a rollout that are asked for, and those of which nobody knows whether they belong to them. */
export interface DevicesOfRollout {
  readonly devices: readonly RolloutDevice[];
  readonly unreadable: z.infer<typeof ListRolloutDevices.answer>['unreadable'];
}

/** The devices that took part in a rollout, by how they ended or why; at most `limit` together. */
export async function devicesOfRollout(
  client: ApiClient,
  rollout: string,
  { limit, ...filter }: { readonly limit: number; readonly end?: ListedEnd; readonly reason?: string },
): Promise<DevicesOfRollout> {
  const found = await allPages(limit, async (page) => {
    const query = { ...page, ...filter };
    const { devices, unreadable, cursor } = await client.call(ListRolloutDevices, {
      params: { rollout },
      query,
    });
    return { items: [...devices, ...unreadable], cursor };
  });
  return {
    devices: found.flatMap((one) => ('what' in one ? [] : [one])),
    unreadable: found.flatMap((one) => ('what' in one ? [one] : [])),
  };
}

/** Pauses, aborts, or opens the next stage, with the reason that the audit log keeps. */
export async function controlRollout(
  client: ApiClient,
  rollout: string,
  command: 'pause' | 'abort' | 'advance',
  reason: string,
): Promise<RolloutView> {
  const params = { rollout };
  if (command === 'advance') {
    // Named, so that a stage that opens by itself meanwhile is not followed by another one.
    const { stages } = await client.call(GetRollout, { params });
    const next = stages.find(({ state }) => state === 'waiting')?.name;
    return client.call(OpenStage, {
      params,
      body: { reason, ...(next !== undefined && { stage: next }) },
    });
  }
  return client.call(command === 'pause' ? PauseRollout : AbortRollout, { params, body: { reason } });
}

/** Goes on after a pause, or after a halt with an excuse. */
export function resumeRollout(
  client: ApiClient,
  rollout: string,
  reason: string,
  excuse?: Excuse,
): Promise<RolloutView> {
  const excused = excuse && { devices: [...excuse.devices], reasons: [...excuse.reasons] };
  return client.call(ResumeRollout, {
    params: { rollout },
    body: { reason, ...(excused && { excuse: excused }) },
  });
}

/** Why a device got, or did not get, an update. */
export function explainDevice(client: ApiClient, deviceId: string): Promise<Explanation> {
  return client.call(ExplainDevice, { params: { deviceId } });
}

/**
 * The whole id of a rollout: of `last` the newest one's, of a part the one that begins or ends with it (ids that were made close
 * together begin alike). Throws `UsageError` when there is none, or more than one, and for a part of fewer than 4 characters.
 */
export async function findRollout(client: ApiClient, text: string): Promise<string> {
  const wanted = text.toUpperCase();
  if (Ulid.safeParse(wanted).success) return wanted;
  if (text.length < LEAST_PART) {
    throw new UsageError(`"${text}" must be last, an id, or at least ${LEAST_PART} characters of one`);
  }
  const [newest, ...older] = await listRollouts(client, text === 'last' ? 1 : MOST_SEARCHED);
  if (newest === undefined) throw new UsageError('there is no rollout yet');
  if (text === 'last') return newest.rollout;
  const found = [newest, ...older].filter(
    ({ rollout }) => rollout.startsWith(wanted) || rollout.endsWith(wanted),
  );
  const [one, another] = found;
  if (one === undefined) throw new UsageError(`no rollout begins or ends with "${text}"`);
  if (another === undefined) return one.rollout;
  const some = found.slice(0, 5).map(({ rollout, release }) => `${rollout} (${release})`);
  throw new UsageError(`"${text}" means ${found.length} rollouts: ${some.join(', ')}`);
}
