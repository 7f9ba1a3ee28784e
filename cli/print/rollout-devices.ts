import type { RolloutDevice } from '#shared/contracts/api/rollout-devices.ts';
import type { DevicesOfRollout } from '../actions/rollouts.ts';
import { table } from './table.ts';
import { ago } from './units.ts';

/** Devices of a rollout, one a line, and those that cannot be read below. */
export function rolloutDevicesText({ devices, unreadable }: DevicesOfRollout, nowMs: number): string {
  const listed =
    devices.length === 0
      ? 'no such device\n'
      : table(
          ['DEVICE', 'HARDWARE', 'FROM', 'END', 'REASON', 'SINCE', 'ATTEMPT'].map((title) => ({ title })),
          devices.map((device) => [
            device.deviceId,
            device.hardware ?? '',
            device.from,
            endText(device),
            device.reason ?? '',
            ago(device.endedAtMs ?? device.grantedAtMs, nowMs),
            device.attempt,
          ]),
        );
  if (unreadable.length === 0) return listed;
  const rows = unreadable.map(({ deviceId, what }) => [deviceId, what]);
  return `${listed}\n${table([{ title: 'UNREADABLE' }, { title: 'WHAT' }], rows)}`;
}

/** `failed (transient)`, `silent, recovered`. */
function endText({ state, transient, excused, recovered }: RolloutDevice): string {
  const notes = [...(transient ? ['transient'] : []), ...(excused ? ['excused'] : [])];
  return `${state}${notes.length === 0 ? '' : ` (${notes.join(', ')})`}${recovered ? ', recovered' : ''}`;
}
