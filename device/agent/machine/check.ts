import type { CheckRequest } from '#shared/contracts/device/check.ts';
import { isDrained } from './attempt.ts';
import { isSparing } from './trouble.ts';
import type { Turn } from './turn.ts';

/**
 * What runs after an install is told so often: at once, and once more before half an hour, which is when silence counts by default. One
 * that is lost behind the broker is no silence then, and a million devices pay for one check and not for those of a whole day.
 */
export const PROOFS = 2;
/** The repeat waits as long as a fifth try would, 8 to 16 minutes, so that what lost the first may be over. */
const TRIES_BEFORE_REPEAT = 4;

/**
 * Asks whether there is anything new; at once the proof of what runs. Until the broker has it, it is tried again and again. The first
 * of a boot that follows an install is nothing but a proof: it goes where facts go, and nobody answers it.
 */
export function sendCheck(turn: Turn): void {
  const nonce = turn.nonce();
  const isProof = turn.state.proofsLeft === PROOFS;
  const begins = isProof ? undefined : askDirectly(turn, nonce);
  turn.become({ checkNonce: nonce, checkUnsent: true });
  turn.publish(isProof ? 'report' : 'check', nonce, { ...checkBody(turn, nonce), ...begins });
  turn.arm('check', turn.backoffMs(turn.state.tries.check));
  turn.tried('check', turn.state.tries.check + 1);
}

/**
 * What a check says that would begin at once with whatever it is granted; nothing where the device could not now. Earlier permits are
 * given up by that: the higher number tells that nothing has begun.
 */
function askDirectly(turn: Turn, nonce: string): Pick<CheckRequest, 'begins' | 'within'> | undefined {
  const { phase, image, asks, restUntilMs } = turn.state;
  const within = turn.settings.withinSeconds;
  const isFree = phase.at === 'idle' || phase.at === 'fetching';
  const isResting = turn.nowMs < restUntilMs || isSparing(turn);
  if (within === undefined || !isFree || !image.confirmed || isResting || !isDrained(turn)) {
    turn.become({ direct: undefined });
    return undefined;
  }
  const begins = asks + 1;
  turn.become({ asks: begins, direct: { nonce, sentMs: turn.nowMs } });
  if (phase.at === 'fetching') {
    const { permit: _, ...rest } = phase;
    turn.enter(rest);
  }
  return { begins, within };
}

/** Whether the answer to a check that asked for a permit may have been lost with the link: it is asked again. */
export function mayHaveMissedPermit({ state, settings, nowMs }: Turn): boolean {
  const { direct } = state;
  return direct !== undefined && nowMs - direct.sentMs <= (settings.withinSeconds ?? 0) * 1000;
}

/** The broker has a check. No answer means nothing, so that the next one is due at the interval, or sooner while it repeats its proof. */
export function checkSent(turn: Turn, nonce: string): void {
  if (nonce !== turn.state.checkNonce || !turn.state.checkUnsent) return;
  turn.become({ checkUnsent: false });
  turn.tried('check', 0);
  turn.tell({ news: 'checked' });
  const regularMs = intervalMs(turn);
  const proofsLeft = Math.max(0, turn.state.proofsLeft - 1);
  turn.become({ proofsLeft });
  turn.arm(
    'check',
    proofsLeft > 0
      ? Math.min(turn.backoffMs(TRIES_BEFORE_REPEAT), regularMs + turn.settings.timing.backoffUnitMs)
      : regularMs,
  );
}

/** The time for a check has come. While an install is under way, from its permit on, it can wait for the next boot. */
export function checkDue(turn: Turn): void {
  const { phase } = turn.state;
  const holdsPermit =
    phase.at === 'fetching' && phase.permit !== undefined && turn.nowMs < phase.permit.endsMs;
  if (phase.at === 'installing' || phase.at === 'rebooting' || holdsPermit)
    turn.arm('check', intervalMs(turn));
  else sendCheck(turn);
}

/** "Ask now, within so many seconds of jitter." The next check comes sooner, never later, and never so soon that many hints make many of them. */
export function hearHint(turn: Turn, body: unknown): void {
  const within = typeof body === 'object' && body !== null && 'within' in body ? body.within : undefined;
  const { checkIntervalMs, backoffUnitMs, retryAfterSecondMs, leastRetryMs } = turn.settings.timing;
  const saidMs = typeof within === 'number' && within >= 0 ? within * retryAfterSecondMs : backoffUnitMs;
  const soonMs = Math.max(leastRetryMs, turn.random() * Math.min(saidMs, checkIntervalMs));
  const leftMs = turn.state.checkAtMs - turn.nowMs;
  if (soonMs < leftMs) turn.arm('check', soonMs);
}

/** Full jitter: a moment within the next interval. */
const intervalMs = (turn: Turn): number => turn.random() * turn.settings.timing.checkIntervalMs;

function checkBody(turn: Turn, nonce: string): CheckRequest {
  const { settings, state } = turn;
  const { version, digest, confirmed } = state.image;
  const { attempt, trouble } = state.kept;
  return {
    v: 1,
    nonce,
    product: settings.product,
    hardware: settings.hardware,
    components: { main: { version, digest } },
    bootId: state.bootId,
    confirmed,
    capabilities: ['range'],
    ...(attempt && {
      last: { rollout: attempt.rollout, attempt: attempt.attempt, state: attempt.state, seq: attempt.seq },
    }),
    ...(trouble && { trouble: { rollout: trouble.rollout, what: trouble.what, times: trouble.times } }),
    ...(settings.backWithinSeconds !== undefined && { backWithin: settings.backWithinSeconds }),
  };
}
