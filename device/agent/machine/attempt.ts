import type { Report, ReportState } from '#shared/contracts/device/report.ts';
import type { KeptAttempt, KeptEvent } from '../kept.ts';
import type { Job } from './state.ts';
import type { Turn } from './turn.ts';

/** The most events that one report holds. */
const MOST_EVENTS = 20;

/** What is kept of what an attempt installs. */
export type Tried = Pick<Job, 'rollout' | 'release' | 'version' | 'sha256'>;

/** Keeps the attempt that begins now: the request for its permit has said so, and nothing more is to be reported of it yet. */
export function startAttempt(turn: Turn, job: Tried, attempt: string): void {
  const { rollout, release, version, sha256 } = job;
  const before = turn.state.kept.attempt;
  // The same permit may be granted again: its events go on counting.
  const seq = before?.attempt === attempt ? before.seq : 0;
  const { hardware } = turn.settings;
  const quiet = turn.settings.withinSeconds !== undefined && { quiet: true as const };
  const about = { rollout, attempt, release, hardware, version, sha256, ...quiet };
  turn.keep({ ...turn.state.kept, attempt: { ...about, state: 'installing', seq, events: [] } });
}

/** Adds an event to the last attempt, keeps it and sends what is unacknowledged. */
export function report(turn: Turn, state: ReportState, why: Why = {}): void {
  const { attempt } = turn.state.kept;
  if (attempt !== undefined) addEvent(turn, attempt, state, why);
}

/** What is told besides the state. */
interface Why {
  readonly reason?: string;
  readonly detail?: string;
  /** Whether the device leaves this boot without waiting for an acknowledgement. */
  readonly leaving?: true;
}

/** Names the report that tells everything so far. */
export const reportId = ({ attempt, seq }: KeptAttempt): string => `${attempt}-${seq}`;

/** Keeps that the device leaves, or has left, for the image of its attempt; what it would have said is told by the check of that boot. */
export function keepLeft(turn: Turn, attempt: KeptAttempt): void {
  const { kept } = turn.state;
  turn.keep({ ...kept, attempt: { ...attempt, state: 'rebooting', seq: attempt.seq + 1 } });
}

/** What was said before a reboot and not acknowledged need not be said again: the check of the new boot tells how far it came. */
export function forgetSaid(turn: Turn): void {
  const { kept } = turn.state;
  if (kept.attempt?.state === 'rebooting') turn.keep({ ...kept, attempt: { ...kept.attempt, events: [] } });
}

/** Whether nothing is left to be acknowledged. */
export const isDrained = (turn: Turn): boolean => (turn.state.kept.attempt?.events.length ?? 0) === 0;

/** Sends all that is unacknowledged in one message; again and again, until it is acknowledged or refused. */
export function sendReport(turn: Turn, options: Pick<Why, 'leaving'> = {}): void {
  const { attempt } = turn.state.kept;
  if (attempt === undefined || isDrained(turn)) return;
  const { bootId } = turn.state;
  const { backWithinSeconds } = turn.settings;
  const events = attempt.events.map(({ bootId: own, ...event }) =>
    own === bootId ? event : { ...event, bootId: own },
  );
  const body: Report = {
    v: 1,
    rollout: attempt.rollout,
    attempt: attempt.attempt,
    hardware: attempt.hardware,
    target: attempt.version,
    bootId,
    events,
    ...(backWithinSeconds !== undefined && { backWithin: backWithinSeconds }),
    ...options,
  };
  turn.publish('report', reportId(attempt), body);
  turn.arm('report', turn.backoffMs(turn.state.tries.report));
  turn.tried('report', turn.state.tries.report + 1);
}

/** Drops the events that are durable on the other side; answers whether that concerned the last attempt. */
export function acknowledge(turn: Turn, attemptId: string, ackSeq: number): boolean {
  const { kept } = turn.state;
  const { attempt } = kept;
  if (attempt?.attempt !== attemptId) return false;
  const events = attempt.events.filter(({ seq }) => seq > ackSeq);
  if (events.length < attempt.events.length) turn.keep({ ...kept, attempt: { ...attempt, events } });
  if (events.length === 0) {
    turn.disarm('report');
    turn.tried('report', 0);
  }
  return true;
}

function addEvent(turn: Turn, attempt: KeptAttempt, state: ReportState, { leaving, ...why }: Why = {}): void {
  const { kept, bootId, bootedMs } = turn.state;
  const seq = attempt.seq + 1;
  const uptimeMs = Math.max(0, Math.floor(turn.nowMs - bootedMs));
  const event: KeptEvent = { seq, state, uptimeMs, bootId, ...why };
  const events = [...attempt.events, event].slice(-MOST_EVENTS);
  turn.keep({ ...kept, attempt: { ...attempt, state, seq, events } });
  turn.tried('report', 0);
  turn.tell({ news: 'reported', state, ...(why.reason !== undefined && { reason: why.reason }) });
  sendReport(turn, leaving ? { leaving } : {});
}
