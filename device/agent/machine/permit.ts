import type { PermitAnswer, PermitRequest } from '#shared/contracts/device/permit.ts';
import { isDrained, startAttempt } from './attempt.ts';
import type { Job, Permit } from './state.ts';
import { LONGEST_STAY_SECONDS } from './trouble.ts';
import type { Turn } from './turn.ts';

/**
 * Asks leave to install what is downloaded and verified, and says that it begins as soon as it has it; once nothing of an earlier
 * attempt is left to be reported. The request before is void from then on.
 */
export function askPermit(turn: Turn): void {
  const { phase, bootId, image, asks } = turn.state;
  if (phase.at !== 'asking' || !isDrained(turn)) return;
  const { rollout, release } = phase.job;
  const { settings } = turn;
  const { hardware, timing } = settings;
  const nonce = turn.nonce();
  const begins = asks + 1;
  turn.become({ asks: begins });
  turn.enter({ ...phase, asked: { nonce, sentMs: turn.nowMs } });
  const about = { rollout, release, hardware, from: image.version, bootId };
  const within = settings.withinSeconds;
  const promise = { begins, ...(within !== undefined && { within }) };
  const request: PermitRequest = { v: 1, nonce, ...about, ...promise };
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

/** An answer to a request for a permit, or one that takes a permit back. */
export function hearPermit(turn: Turn, answer: PermitAnswer): void {
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
    turn.arm('permit', turn.retryMs(Math.min(answer.retryAfter, LONGEST_STAY_SECONDS)));
    turn.tell({ news: 'told-to-wait', seconds: answer.retryAfter });
    return;
  }
  const endsMs = sentMs + answer.seconds * 1000;
  if (turn.nowMs >= endsMs) return;
  turn.tell({ news: 'granted', attempt: answer.attempt, release: phase.job.release });
  begin(turn, phase.job, phase.path, { attempt: answer.attempt, endsMs });
}

/** Begins the install: kept first, so that a boot in between tells of it. */
export function begin(turn: Turn, job: Job, path: string, permit: Permit): void {
  const { attempt } = permit;
  const { release } = job;
  turn.disarm('permit');
  turn.tried('permit', 0);
  startAttempt(turn, job, attempt);
  turn.enter({ at: 'installing', job, attempt });
  turn.tell({ news: 'began', attempt, release });
  turn.do({ do: 'install', job, path, permit });
}

/** "Forget this rollout": obeyed until an install begins, which is finished. An answer to an earlier request is void. */
function hearWithdrawn(turn: Turn, { nonce, rollout, why }: PermitAnswer & { answer: 'withdrawn' }): void {
  const { phase } = turn.state;
  if (phase.at !== 'fetching' && phase.at !== 'asking') return;
  if (phase.job.rollout !== rollout) return;
  const asked = phase.at === 'asking' ? phase.asked : undefined;
  if (asked !== undefined && nonce !== undefined && nonce !== asked.nonce) return;
  turn.disarm('permit');
  turn.disarm('download');
  if (phase.at === 'fetching') turn.do({ do: 'stop-download' });
  turn.enter({ at: 'idle' });
  turn.do({ do: 'discard', sha256: phase.job.sha256 });
  turn.tell({ news: 'withdrawn', why });
}
