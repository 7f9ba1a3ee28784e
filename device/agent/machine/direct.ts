import { PermitAnswer } from '#shared/contracts/device/permit.ts';
import { giveBack, judged, take } from './offer.ts';
import { hearPermit } from './permit.ts';
import { avoided } from './trouble.ts';
import type { Turn } from './turn.ts';

/** An answer about a permit: to a request, to a check that would begin at once, or to nothing that was asked. */
export function hearAnswer(turn: Turn, body: unknown): void {
  const parsed = PermitAnswer.safeParse(body);
  if (!parsed.success) return;
  const answer = parsed.data;
  if (answer.answer === 'granted' && answer.offer !== undefined) hearDirect(turn, answer, answer.offer);
  else hearPermit(turn, answer);
}

type Granted = PermitAnswer & { readonly answer: 'granted' };

/**
 * The check was answered with a permit and what it is for: downloaded at once, and installed when that is done in time. An offer that is
 * not taken is said to be declined, because the backend counts on its install.
 */
function hearDirect(turn: Turn, answer: Granted, offer: NonNullable<Granted['offer']>): void {
  const { direct, phase } = turn.state;
  if (direct === undefined || answer.nonce !== direct.nonce) return;
  if (turn.nowMs - direct.sentMs > turn.settings.timing.permitAnswerMs) return;
  if (phase.at !== 'idle' && phase.at !== 'fetching') return;
  const { attempt, nonce, rollout, seconds } = answer;
  const endsMs = direct.sentMs + seconds * 1000;
  turn.become({ direct: undefined });
  if (turn.nowMs >= endsMs) return;
  const { release, version, artifact } = offer;
  turn.tell({ news: 'granted', attempt, release });
  const job = judged(turn, { v: 1, nonce, rollout, ...offer });
  if (job === undefined) {
    giveBack(turn, { rollout, release, version, sha256: artifact.sha256 }, attempt, 'declined');
    return;
  }
  // It was asked for while the download was under way that came to nothing since.
  const trouble = avoided(turn, job);
  if (trouble === undefined) take(turn, job, { attempt, endsMs });
  else giveBack(turn, job, attempt, trouble.what);
}
