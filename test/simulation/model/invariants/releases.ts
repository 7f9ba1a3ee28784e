import { digestOf } from '../../operators/manufacturer.ts';
import { INVOCATION_MS } from '../host-clock.ts';
import { type Invariant, must, type Told, wrong } from '../invariant.ts';
import type { Known } from '../known.ts';

/** Clocks of servers differ by two seconds each way, and a decision that was made takes a moment to be told. */
const SLACK_MS = 10_000;
/** No offer is decided on state older than that. */
const STALE_MS = 5_000;
const URL_LIFE_MS = 900_000;

function offered({ thing, kind, body }: Told, known: Known) {
  if (kind !== 'offer' || body.artifact === undefined) return undefined;
  const rollout = known.rollouts.get(String(body.rollout));
  const device = known.devices.get(thing);
  return rollout && device && { rollout, device, artifact: body.artifact as { readonly sha256: string } };
}

export const onlyPublished: Invariant = {
  number: 1,
  rule: 'nothing names an artifact that is not published; URLs live at most 15 minutes; no permit follows a revocation',
  onTold(told, known) {
    const offer = offered(told, known);
    if (offer === undefined) return 'pass';
    const { tenant, release } = offer.rollout;
    const withdrawnMs = known.withdrawn.get(`${tenant} ${release.version}`);
    if (withdrawnMs !== undefined && known.nowMs > withdrawnMs + STALE_MS + SLACK_MS)
      return wrong(`${told.thing} is offered ${release.version}, which was withdrawn`);
    const lifeMs = Number(told.body.expiresAtMs) - known.clock.mostMs(known.nowMs, INVOCATION_MS);
    return must(lifeMs <= URL_LIFE_MS + SLACK_MS, () => `a URL lives ${lifeMs} ms`);
  },
  onRow({ before }, attempt, known) {
    if (attempt === undefined || before?.id === attempt.id) return 'pass';
    const { tenant, release } = attempt.rollout;
    return must(
      !known.withdrawn.has(`${tenant} ${release.version}`),
      () => `${attempt.thing} gets a permit for ${release.version}, which was withdrawn`,
    );
  },
};

export const onlySigned: Invariant = {
  number: 2,
  rule: 'the hardware that is offered to, and the version it is installed from, are in the signed set',
  onTold(told, known) {
    const offer = offered(told, known);
    if (offer === undefined) return 'pass';
    const { rollout, device, artifact } = offer;
    const { hardware } = device.traits;
    if (artifact.sha256 !== digestOf(rollout.release, hardware))
      return wrong(`${told.thing} (${hardware}) is offered bytes that were not signed for it`);
    const { fromMin } = rollout.release;
    const isSettled = known.nowMs - device.sinceMs > SLACK_MS;
    return must(
      fromMin === undefined || !isSettled || device.version >= fromMin || device.claims >= fromMin,
      () => `${told.thing} runs ${device.version} and is offered what installs from ${fromMin}`,
    );
  },
};

export const sameDigest: Invariant = {
  number: 4,
  rule: 'a stage ships per hardware the digest that passed the stage before',
  onRow(_change, attempt, known) {
    if (attempt === undefined) return 'pass';
    const hardware = known.devices.get(attempt.thing)?.traits.hardware ?? '';
    return must(
      attempt.row.digest === digestOf(attempt.rollout.release, hardware),
      () => `${attempt.thing} (${hardware}) is permitted ${String(attempt.row.digest)}`,
    );
  },
};

export const aboveFloor: Invariant = {
  number: 5,
  rule: 'a device is never offered a sequence at or below its floor',
  onTold(told, known) {
    const offer = offered(told, known);
    if (offer === undefined) return 'pass';
    const { floor } = offer.device;
    const isKnown = known.nowMs > floor.sinceMs + SLACK_MS;
    return must(
      !isKnown || Number(told.body.sequence) > floor.sequence,
      () =>
        `${told.thing} has proven sequence ${floor.sequence} and is offered ${String(told.body.sequence)}`,
    );
  },
  onRow({ before, isOrdered }, attempt, known) {
    if (attempt === undefined || before?.id === attempt.id || !isOrdered) return 'pass';
    const { floor } = known.devices.get(attempt.thing) ?? { floor: { sequence: 0 } };
    return must(
      Number(attempt.row.sequence) > floor.sequence,
      () =>
        `${attempt.thing} has proven sequence ${floor.sequence} and is permitted ${String(attempt.row.sequence)}`,
    );
  },
};
