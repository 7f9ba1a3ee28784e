import { rulesOf } from '../document-rules.ts';
import { type Invariant, must, wrong } from '../invariant.ts';
import type { Known } from '../known.ts';
import { isForgiven, isOpen, type KnownRollout } from '../known-facts.ts';
import { isPicked } from '../picked.ts';

const SKEW_MS = 5_000;
/** Devices connect again within so long after an outage, and the tick looks once a minute. */
const JITTER_MS = 60_000;
const TICKS_MS = 120_000;
/** A healthy device gets its permit after so many asks in a kind world at the latest, each a minute or so after the other. */
const MOST_ASKS = 8;

export const silenceIsHeard: Invariant = {
  number: 15,
  rule: 'silence is never scored while an accepted report is unread, nor before silentAfter has passed since the host was away',
  onRow({ before, isOrdered }, attempt, known) {
    const isScored = before?.id === attempt?.row.id && before?.endedMs === undefined;
    if (attempt === undefined || !isScored || !['silent', 'lost'].includes(String(attempt.row.state)))
      return 'pass';
    const { thing, row, rollout } = attempt;
    const deadlineMs = Number(before?.deadlineMs);
    const unread = known
      .unread()
      .find((one) => one.attempt === row.id && one.sentAtMs < deadlineMs - SKEW_MS);
    if (unread !== undefined)
      return wrong(`${thing} is ${String(row.state)} while its report "${unread.states}" is unread`);
    const heardMs = known.nowMs - known.upSinceMs;
    const { silentAfterMs } = rulesOf(rollout);
    return must(
      // What is found after a crash was scored before it.
      !isOrdered || !known.hasBeenDown || heardMs >= silentAfterMs - SKEW_MS,
      () => `${thing} is ${String(row.state)} ${heardMs} ms after the host was away`,
    );
  },
};

/**
 * Whether nothing keeps a rollout from granting the next permit: it runs, its last stage is open, and no permit stands in its window.
 * One stands while it is open, and afterwards for as long as proofs have taken so far, which the product knows to a factor of two.
 */
export function isOpenToAll(rollout: KnownRollout | undefined, known: Known): boolean {
  if (rollout === undefined || rollout.state !== 'running') return false;
  const { stages, youngMs } = rulesOf(rollout);
  if (rollout.stage !== stages.length - 1) return false;
  const own = known.of(rollout);
  const proofsMs = own.map(({ grantedMs, endedMs }) => 2 * ((endedMs ?? grantedMs) - grantedMs));
  const standsMs = Math.max(youngMs, ...proofsMs) + SKEW_MS + 2 * known.uncountedMs;
  return own.every((one) => !isOpen(one) && known.nowMs - one.grantedMs > standsMs);
}

/** Whether no rollout runs, or can without a person, and no attempt is open; one that is standing rests in its last stage. */
export const isOver = (known: Known): boolean =>
  [...known.rollouts.values()].every((one) => one.state !== 'running' || isAtRest(one, known)) &&
  ![...known.attempts.values()].some(isOpen);

/** Whether a standing rollout has been looked at since its last attempt ended. */
function isAtRest(rollout: KnownRollout, known: Known): boolean {
  const { standing, stages } = rulesOf(rollout);
  const lastMs = Math.max(0, ...known.of(rollout).map(({ endedMs = 0 }) => endedMs));
  return standing && rollout.stage === stages.length - 1 && known.nowMs - lastMs > TICKS_MS;
}

/** Every permit of such a rollout is resolved within so much time in which it could be heard. */
export function resolvedWithinMs(rollout: Pick<KnownRollout, 'plan'>): number {
  const { permitMs, installWithinMs, silentAfterMs } = rulesOf(rollout);
  return permitMs + installWithinMs + silentAfterMs + JITTER_MS + TICKS_MS;
}

export const alive: Invariant = {
  number: 12,
  rule: 'with faults stopped every permit is resolved in time, and a healthy device that asks gets its permit',
  onEnd(known) {
    for (const attempt of known.attempts.values()) {
      const mostMs = resolvedWithinMs(attempt.rollout);
      const { upSinceMs, recoveringSinceMs, deafUntilMs, clock } = known;
      const heardMs =
        known.nowMs - Math.max(attempt.grantedMs, upSinceMs, recoveringSinceMs, deafUntilMs, clock.setMs);
      // The silence of who was heard by a clock that is put back is found once it is there again.
      const isOlder = attempt.grantedMs <= clock.setMs;
      if (isOpen(attempt) && heardMs > mostMs + (isOlder ? clock.backMs : 0))
        return wrong(
          `${attempt.thing} has been ${String(attempt.row.state)} for ${heardMs} ms of hearing time, at most ${mostMs} are allowed`,
        );
    }
    for (const rollout of known.rollouts.values()) {
      const rules = rulesOf(rollout);
      const own = known.of(rollout);
      const isWide = rules.stages.at(-1)?.percent === '100%' && rules.window === undefined;
      const isAlone = [...known.rollouts.values()].every(
        (other) =>
          other === rollout ||
          other.tenant !== rollout.tenant ||
          ['draft', 'aborted', 'completed'].includes(other.state),
      );
      if (!isOpenToAll(rollout, known) || !isWide || !isAlone) continue;
      for (const [thing, device] of known.devices) {
        const { traits, version, asks, isBricked, shutOutMs } = device;
        const isWaiting = isPicked(rollout, device) && version === traits.factory.version;
        const hasHad = own.some((one) => one.thing === thing && !isForgiven(one));
        if (isWaiting && !hasHad && !isBricked && shutOutMs === undefined && asks > MOST_ASKS)
          return wrong(
            `${thing} has asked ${asks} times for a permit of rollout ${rollout.id}, which runs, and has none`,
          );
      }
    }
    return 'holds';
  },
};
