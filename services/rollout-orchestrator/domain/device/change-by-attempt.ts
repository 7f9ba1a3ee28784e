import { type Attempt, isOpen } from '../attempt/attempt.ts';
import { givesBack, isOwedAnother } from '../attempt/open-attempt.ts';
import { endKindOf, isBad } from '../attempt/tally.ts';
import {
  type AttemptName,
  type DeviceChange,
  type DeviceRecord,
  excusedWith,
  heldIn,
  type Running,
  staysWithDevice,
  triedWith,
} from './device.ts';

/** An attempt that has moved. */
interface Moved {
  readonly before: Attempt;
  readonly after: Attempt;
}

/**
 * What a move of an attempt means for its device: it holds the attempt until that ends, and goes on holding one that is good. `running` is
 * what the device was heard to run along with that.
 */
export function changeByAttempt(
  device: DeviceRecord,
  rollout: string,
  { before, after }: Moved,
  running: Running | undefined = device.running,
): DeviceChange {
  if (isOpen(after)) return { open: heldIn(rollout, after) };
  const endsHere = device.open?.attempt === after.id;
  const tried = endsHere ? triedWith(device.tried, rollout, usedUpBy(after)) : device.tried;
  const isNewlyExcused = isOwedAnother(after) && !isOwedAnother(before);
  const isHeardAgain = after.recovered && device.missing?.attempt === after.id;
  return {
    ...(staysWithDevice(after) && { proven: heldIn(rollout, after) }),
    ...(endsHere && { open: null, tried, ...remembered(after, { rollout, attempt: after.id }) }),
    ...(isNewlyExcused && { excused: excusedWith(device.excused, rollout, tried) }),
    ...(after.state === 'good' && proofOf(after, device.floor, running)),
    ...(isHeardAgain && { missing: null }),
  };
}

/** How many attempts of its device in its rollout are used up, now that this one has ended. */
const usedUpBy = (attempt: Attempt): number => (givesBack(attempt) ? attempt.number - 1 : attempt.number);

/** What is remembered of an attempt by its name: that the device was not heard again, and that its end speaks against the release. */
function remembered(attempt: Attempt, name: AttemptName): Pick<DeviceChange, 'missing' | 'bad'> {
  const isMissing = (attempt.state === 'silent' || attempt.state === 'lost') && !attempt.recovered;
  const end = endKindOf(attempt);
  return { ...(isMissing && { missing: name }), ...(end !== undefined && isBad(end) && { bad: name }) };
}

/** A release that was proven is the least that the device may ever be offered, and what it runs is known to be that. */
function proofOf(
  { target: { version, sequence } }: Attempt,
  floor: number,
  running: Running | undefined,
): Pick<DeviceChange, 'floor' | 'running'> {
  return {
    floor: Math.max(floor, sequence),
    ...(running?.version === version && { running: { ...running, sequence } }),
  };
}
