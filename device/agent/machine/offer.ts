import { Offer, RetryAfter } from '#shared/contracts/device/offer.ts';
import { RefusedError } from '#shared/errors/errors.ts';
import { report, startAttempt, type Tried } from './attempt.ts';
import { sendCheck } from './check.ts';
import { judgeOffer } from './judge-offer.ts';
import { askPermit, begin } from './permit.ts';
import type { DownloadFailure, Job, Permit } from './state.ts';
import { avoided, forgetTrouble, LONGEST_STAY_SECONDS, sufferTrouble } from './trouble.ts';
import type { Turn } from './turn.ts';

/** So often a download goes on where it broke off before the device asks anew. */
const MOST_RESUMES = 8;

/** An answer to the last check: something to download, or when to ask again. An answer to another check is void. */
export function hearOffer(turn: Turn, body: unknown): void {
  const later = RetryAfter.safeParse(body);
  if (later.success) {
    if (later.data.nonce === turn.state.checkNonce) askLater(turn, later.data.retryAfter);
    return;
  }
  const offer = Offer.safeParse(body);
  if (!offer.success) {
    turn.tell({ news: 'offer-turned-down', why: 'it is malformed' });
    return;
  }
  if (offer.data.nonce !== turn.state.checkNonce) return;
  // A trial image may still be given up: what it would be given up for is not overwritten.
  if (!turn.state.image.confirmed || turn.nowMs < turn.state.restUntilMs) return;
  const job = judged(turn, offer.data);
  if (job === undefined) return;
  const trouble = avoided(turn, job);
  if (trouble === undefined) {
    take(turn, job);
    return;
  }
  const { what, times } = trouble;
  const seconds = Math.ceil((turn.state.avoidUntilMs - turn.nowMs) / 1000);
  const why = `its download was given up ${times} times, the last time for ${what}; not again for ${seconds} s`;
  turn.tell({ news: 'offer-turned-down', why });
}

/** The whole artifact is here, and its size and digest are those that were signed. */
export function downloaded(turn: Turn, sha256: string, path: string): void {
  const { phase } = turn.state;
  if (phase.at !== 'fetching' || phase.job.sha256 !== sha256) return;
  turn.disarm('download');
  turn.tried('download', 0);
  turn.tried('permit', 0);
  forgetTrouble(turn);
  const { job, permit } = phase;
  turn.tell({ news: 'downloaded', release: job.release });
  if (permit !== undefined && turn.nowMs < permit.endsMs) {
    begin(turn, job, path, permit);
    return;
  }
  turn.enter({ at: 'asking', job, path });
  askPermit(turn);
}

/** A download broke off: it goes on later from where it stands, asks for a fresh URL, or is given up. */
export function downloadFailed(turn: Turn, sha256: string, cause: DownloadFailure, why: string): void {
  const { phase, tries } = turn.state;
  if (phase.at !== 'fetching' || phase.job.sha256 !== sha256) return;
  turn.tell({ news: 'download-failed', cause, why });
  turn.tried('download', tries.download + 1);
  if (cause === 'network' && tries.download < MOST_RESUMES) {
    turn.enter({ ...phase, running: false });
    turn.arm('download', turn.backoffMs(tries.download));
  } else if (cause === 'expired') {
    // Who asks anew gives up the permit that it had.
    turn.enter({ at: 'fetching', job: phase.job, running: false });
    if (tries.download === 0) sendCheck(turn);
    else turn.arm('check', turn.backoffMs(tries.download));
  } else {
    turn.tried('download', 0);
    turn.enter({ at: 'idle' });
    if (cause !== 'network') {
      turn.do({ do: 'discard', sha256 });
      sufferTrouble(turn, phase.job, cause);
    }
    if (phase.permit !== undefined) giveBack(turn, phase.job, phase.permit.attempt, cause);
  }
}

/** Says that a permit comes to nothing, for a reason that lies before the install. */
export function giveBack(
  turn: Turn,
  tried: Tried,
  attempt: string,
  cause: Exclude<DownloadFailure, 'expired'> | 'declined',
): void {
  startAttempt(turn, tried, attempt);
  if (cause === 'network') report(turn, 'interrupted', { detail: 'the download broke off' });
  else report(turn, 'failed', { reason: cause });
}

/** The wait before a download goes on is over. */
export function downloadDue(turn: Turn): void {
  const { phase } = turn.state;
  if (phase.at !== 'fetching' || phase.running) return;
  turn.enter({ ...phase, running: true });
  turn.do({ do: 'download', job: phase.job });
}

/** An offer, if nothing speaks against it. */
export function judged(turn: Turn, offer: Offer): Job | undefined {
  const { kept, image } = turn.state;
  try {
    return judgeOffer(offer, { settings: turn.settings, image, floor: kept.floor });
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    turn.tell({ news: 'offer-turned-down', why: error.message });
    return undefined;
  }
}

/** Takes an offer, with the permit that came with it, unless an install is under way. */
export function take(turn: Turn, job: Job, permit?: Permit): void {
  const { phase } = turn.state;
  switch (phase.at) {
    case 'idle':
      fetch(turn, job, permit);
      return;
    case 'fetching':
      if (isSameJob(phase.job, job)) {
        turn.enter({ ...phase, job, ...(permit && { permit }) });
        downloadDue(turn);
        return;
      }
      turn.do({ do: 'stop-download' });
      if (phase.job.sha256 !== job.sha256) turn.do({ do: 'discard', sha256: phase.job.sha256 });
      fetch(turn, job, permit);
      return;
    case 'asking':
      if (isSameJob(phase.job, job)) return;
      turn.disarm('permit');
      if (phase.job.sha256 !== job.sha256) turn.do({ do: 'discard', sha256: phase.job.sha256 });
      fetch(turn, job);
      return;
    default:
    // An install that has its permit is finished first.
  }
}

function fetch(turn: Turn, job: Job, permit?: Permit): void {
  turn.tried('download', 0);
  turn.enter({ at: 'fetching', job, running: true, ...(permit && { permit }) });
  turn.tell({ news: 'offer-taken', release: job.release });
  turn.do({ do: 'download', job });
}

function askLater(turn: Turn, seconds: number): void {
  turn.arm('check', turn.retryMs(Math.min(seconds, LONGEST_STAY_SECONDS)));
}

const isSameJob = (a: Job, b: Job): boolean => a.rollout === b.rollout && a.sha256 === b.sha256;
