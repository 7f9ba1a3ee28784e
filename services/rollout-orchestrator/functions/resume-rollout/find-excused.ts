import { RefusedError } from '#shared/errors/errors.ts';
import { wordsOfEnd } from '../../domain/attempt/end-words.ts';
import { endKindOf, isBad } from '../../domain/attempt/tally.ts';
import type { DeviceRecord } from '../../domain/device/device.ts';
import type { Excuse } from '../../domain/lifecycle/commands.ts';
import type { MovingNeeds } from '../../steps/move-attempts.ts';
import { requireReadable } from '../../steps/require-readable.ts';
import type { AttemptRecord } from '../../stores/attempt-store.ts';
import type { RolloutIdentity } from '../../stores/rollout-store.ts';

/**
 * Rows of the devices that are named, and of those that failed for a reason that is. Throws `RefusedError` for devices that are not
 * registered or have no bad end here, and for reasons that no failure has: a slip must not look like an excuse, and none is kept for what
 * fails later.
 */
export async function findExcused(
  { rollout, tenant }: Pick<RolloutIdentity, 'rollout' | 'tenant'>,
  excuse: Excuse,
  needs: Pick<MovingNeeds, 'devices' | 'attempts'>,
): Promise<AttemptRecord[]> {
  const asked = excuse.devices.map((deviceId) => ({ tenant, deviceId }));
  const devices = requireReadable(await needs.devices.readAll(asked));
  const named = requireReadable(await needs.attempts.readAll(devices.map((device) => ({ rollout, device }))));
  const ended = excuse.reasons.length === 0 ? [] : await needs.attempts.readEnded(rollout, tenant);
  const reasons = new Set(excuse.reasons);
  const byReason = ended.filter((row) => wordsOf(row).some((word) => reasons.has(word)));
  refuseUnmatched(excuse, devices, ended);
  refuseInnocent(named);
  const all = new Map([...named, ...byReason].map((row) => [row.deviceId, row]));
  return [...all.values()].filter(({ attempt }) => attempt !== undefined);
}

const wordsOf = ({ attempt }: AttemptRecord): readonly string[] =>
  attempt === undefined ? [] : wordsOfEnd(attempt);

function refuseUnmatched(
  excuse: Excuse,
  devices: readonly DeviceRecord[],
  ended: readonly AttemptRecord[],
): void {
  const strangers = devices.filter(({ facts }) => facts === undefined);
  if (strangers.length > 0) {
    const names = strangers.map(({ deviceId }) => deviceId).join(', ');
    throw new RefusedError('excuse.devices', `must be registered devices: ${names}`);
  }
  const found = new Set(ended.flatMap(wordsOf));
  const unheard = excuse.reasons.filter((reason) => !found.has(reason));
  if (unheard.length > 0) {
    const known = found.size === 0 ? 'none failed' : `they are ${listed([...found].sort())}`;
    const rule = `must be reasons of failures of this rollout (${known}), not ${unheard.join(', ')}`;
    throw new RefusedError('excuse.reasons', rule);
  }
}

/** An excuse of who has failed nothing would change nothing, without a word. Who was excused before may be named again. */
function refuseInnocent(named: readonly AttemptRecord[]): void {
  const innocent = named.filter(({ attempt }) => {
    const kind = attempt && endKindOf(attempt);
    return kind === undefined || !(isBad(kind) || kind === 'excused');
  });
  if (innocent.length === 0) return;
  const names = listed(innocent.map(({ deviceId }) => deviceId));
  throw new RefusedError(
    'excuse.devices',
    `must have ended badly in this rollout, in their last attempt: ${names}`,
  );
}

/** Reasons are the devices' own words: they may have any number of them. */
const MOST_LISTED = 20;
const listed = (names: readonly string[]): string =>
  names.length <= MOST_LISTED
    ? names.join(', ')
    : `${names.slice(0, MOST_LISTED).join(', ')} and ${names.length - MOST_LISTED} more`;
