import { Ack, Refused } from '#shared/contracts/device/report.ts';
import type { RunningImage } from '../image.ts';
import { acknowledge, isDrained, keepLeft, report, reportId } from './attempt.ts';
import { PROOFS, sendCheck } from './check.ts';
import { askPermit } from './permit.ts';
import type { Turn } from './turn.ts';

/** Longest `detail` of an event. */
const DETAIL_CHARACTERS = 500;

/** Reports are durable: what waited for that goes on. */
export function hearAck(turn: Turn, body: unknown): void {
  const ack = Ack.safeParse(body);
  const wasDrained = isDrained(turn);
  if (!ack.success || !acknowledge(turn, ack.data.attempt, ack.data.ackSeq)) return;
  const { phase } = turn.state;
  if (phase.at === 'rebooting') {
    if (isDrained(turn)) reboot(turn);
  } else if (!wasDrained) {
    askPermit(turn);
  }
}

/** A message was refused for good: sending it again is of no use. */
export function hearRefused(turn: Turn, body: unknown): void {
  const refused = Refused.safeParse(body);
  if (!refused.success) return;
  const { message, nonce, attempt, field, rule } = refused.data;
  const { phase, kept } = turn.state;
  turn.tell({ news: 'refused', message, field, rule });
  if (
    message === 'permit' &&
    phase.at === 'asking' &&
    phase.asked !== undefined &&
    phase.asked.nonce === nonce
  ) {
    turn.disarm('permit');
    turn.do({ do: 'discard', sha256: phase.job.sha256 });
    turn.enter({ at: 'idle' });
  }
  // Reports have no nonce: with one, it is a proof that was refused.
  const isReport = message === 'report' && nonce === undefined;
  if (!isReport || kept.attempt === undefined || isDrained(turn)) return;
  // A repeat may come late: of an attempt before this one, or of a backend that does not say of which.
  if (attempt === undefined || attempt === kept.attempt.attempt) {
    acknowledge(turn, kept.attempt.attempt, kept.attempt.seq);
    askPermit(turn);
  }
}

/** The image is in its slot: leaves at once where that was promised; else says so, and waits until the broker has that, or for a while. */
export function installed(turn: Turn, attempt: string): void {
  const { phase } = turn.state;
  if (phase.at !== 'installing' || phase.attempt !== attempt) return;
  turn.enter({ at: 'rebooting', left: false });
  const { attempt: own } = turn.state.kept;
  if (own?.quiet) {
    keepLeft(turn, own);
    reboot(turn);
    return;
  }
  report(turn, 'rebooting', { leaving: true });
  turn.arm('reboot', turn.settings.timing.rebootAckMs);
}

/** The installer could not: the old image goes on running. `reason` is a short code fit for counting. */
export function installFailed(turn: Turn, attempt: string, reason: string, detail?: string): void {
  const { phase } = turn.state;
  if (phase.at !== 'installing' || phase.attempt !== attempt) return;
  turn.enter({ at: 'idle' });
  const { install } = turn.state.tries;
  turn.become({ restUntilMs: turn.nowMs + turn.backoffMs(install) });
  turn.tried('install', install + 1);
  report(turn, 'failed', {
    reason,
    ...(detail !== undefined && { detail: detail.slice(0, DETAIL_CHARACTERS) }),
  });
  turn.do({ do: 'discard', sha256: phase.job.sha256 });
}

/** The permit ran out before the installer, which was not touched. */
export function installLate(turn: Turn, attempt: string): void {
  const { phase } = turn.state;
  if (phase.at !== 'installing' || phase.attempt !== attempt) return;
  turn.enter({ at: 'idle' });
  report(turn, 'interrupted', { detail: 'the permit ran out' });
}

/** The broker has a report: who is about to reboot waits for nothing else, because the next check tells the same. */
export function reportSent(turn: Turn, id: string): void {
  const { phase, kept } = turn.state;
  if (phase.at === 'rebooting' && kept.attempt !== undefined && id === reportId(kept.attempt)) reboot(turn);
}

/** Leaves this boot, once. */
export function reboot(turn: Turn): void {
  const { phase } = turn.state;
  if (phase.at !== 'rebooting' || phase.left) return;
  turn.disarm('reboot');
  turn.enter({ at: 'rebooting', left: true });
  turn.do({ do: 'reboot' });
}

/** The trial image does not work, or does not say in time that it does: the next boot is that of the image before. */
export function selfTestFailed(turn: Turn, why: string): void {
  if (turn.state.phase.at === 'rebooting') return;
  turn.tell({ news: 'self-test-failed', why });
  turn.disarm('self-test');
  turn.enter({ at: 'rebooting', left: false });
  reboot(turn);
}

/** The image is permanent from now on: the floor rises to it, and the check that follows is the proof. */
export function confirmed(turn: Turn, image: RunningImage): void {
  // Too late: the boot that follows tells what came of it.
  if (turn.state.phase.at === 'rebooting') return;
  turn.disarm('self-test');
  turn.become({ image, proofsLeft: PROOFS });
  turn.tell({ news: 'confirmed', image });
  settleImage(turn);
  sendCheck(turn);
}

/** Raises the floor to a permanent image, and claims the success of the attempt that installed it, in every check from now on. */
export function settleImage(turn: Turn): void {
  const { kept, image } = turn.state;
  if (!image.confirmed) return;
  if (image.sequence > kept.floor) turn.keep({ ...kept, floor: image.sequence });
  const { attempt } = turn.state.kept;
  if (attempt?.state === 'rebooting' && attempt.sha256 === image.digest) {
    turn.keep({ ...turn.state.kept, attempt: { ...attempt, state: 'claimed' } });
  }
}
