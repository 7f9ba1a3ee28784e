import { PermitAnswer, type PermitRequest } from '#shared/contracts/device/permit.ts';
import { interrupt, isDrained, startAttempt } from './attempt.ts';
import type { Turn } from './turn.ts';

/** Asks leave to install what is downloaded and verified, once nothing of an earlier attempt is left to be reported. */
export function askPermit(turn: Turn): void {
  const { phase, bootId, image } = turn.state;
  if (phase.at !== 'asking' || !isDrained(turn)) return;
  const { rollout, release } = phase.job;
  const { hardware, timing } = turn.settings;
  const nonce = turn.nonce();
  turn.enter({ ...phase, asked: { nonce, sentMs: turn.nowMs } });
  const request: PermitRequest = { v: 1, nonce, rollout, release, hardware, from: image.version, bootId };
  turn.publish('permit', nonce, request);
  turn.arm('permit', timing.permitAnswerMs + turn.backoffMs(turn.state.tries.permit));
  turn.tried('permit', turn.state.tries.permit + 1);
  turn.tell({ news: 'permit-asked', release });
}

/** The broker did not get a request: nobody will answer it, so that there is nothing to wait for. */
export function permitUnsent(turn: Turn, nonce: string): void {
  const { phase, tries } = turn.state;
  if (phase.at !== 'asking' || phase.asked?.nonce !== nonce) return;
  const { asked: _, ...rest } = phase;
  turn.enter(rest);
  turn.arm('permit', turn.backoffMs(tries.permit - 1));
}

/** The time for a permit has come: to ask (again) for one, or, where one was granted, its end. */
export function permitDue(turn: Turn): void {
  const { phase } = turn.state;
  if (phase.at !== 'beginning') askPermit(turn);
  else if (turn.nowMs >= phase.permit.endsMs) permitOver(turn);
  else turn.arm('permit', phase.permit.endsMs - turn.nowMs);
}

/** The permit ran out before flash was touched. The download is kept and a new permit asked for, but the backend has to hear of it. */
export function permitOver(turn: Turn): void {
  const { phase } = turn.state;
  if (phase.at !== 'beginning') return;
  turn.enter({ at: 'asking', job: phase.job, path: phase.path });
  interrupt(turn, 'the permit ran out');
  turn.arm('permit', turn.backoffMs(turn.state.tries.permit));
}

/** An answer about a permit. */
export function hearPermit(turn: Turn, body: unknown): void {
  const parsed = PermitAnswer.safeParse(body);
  if (!parsed.success) return;
  const answer = parsed.data;
  if (answer.answer === 'withdrawn') {
    hearWithdrawn(turn, answer);
    return;
  }
  const { phase } = turn.state;
  const { permitAnswerMs } = turn.settings.timing;
  if (phase.at !== 'asking' || phase.asked === undefined) return;
  const { nonce, sentMs } = phase.asked;
  const isFresh = answer.nonce === nonce && turn.nowMs - sentMs <= permitAnswerMs;
  if (!isFresh || answer.rollout !== phase.job.rollout) return;
  const { asked: _, ...rest } = phase;
  if (answer.answer === 'wait') {
    turn.enter(rest);
    turn.tried('permit', 0);
    turn.arm('permit', turn.retryMs(answer.retryAfter));
    turn.tell({ news: 'told-to-wait', seconds: answer.retryAfter });
    return;
  }
  const endsMs = sentMs + answer.seconds * 1000;
  if (turn.nowMs >= endsMs) return;
  const { job, path } = phase;
  turn.tried('permit', 0);
  turn.tell({ news: 'granted', attempt: answer.attempt, release: job.release });
  const seq = startAttempt(turn, job, answer.attempt);
  turn.enter({ at: 'beginning', job, path, permit: { attempt: answer.attempt, endsMs }, seq });
  turn.arm('permit', endsMs - turn.nowMs);
}

/** "Forget this rollout": obeyed until flash is touched, whatever it answers; afterwards the install is finished. */
function hearWithdrawn(turn: Turn, { rollout, attempt, why }: PermitAnswer & { answer: 'withdrawn' }): void {
  const { phase } = turn.state;
  if (phase.at !== 'fetching' && phase.at !== 'asking' && phase.at !== 'beginning') return;
  if (phase.job.rollout !== rollout) return;
  if (phase.at === 'beginning' && attempt !== undefined && attempt !== phase.permit.attempt) return;
  turn.disarm('permit');
  turn.disarm('download');
  if (phase.at === 'fetching') turn.do({ do: 'stop-download' });
  turn.enter({ at: 'idle' });
  // Its "installing" may have been counted while the acknowledgement was lost.
  if (phase.at === 'beginning') interrupt(turn, 'withdrawn');
  turn.do({ do: 'discard', sha256: phase.job.sha256 });
  turn.tell({ news: 'withdrawn', why });
}
