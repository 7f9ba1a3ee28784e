import type { Attempt } from './attempt.ts';
import type { Applied, AttemptContext, ReportFact } from './facts.ts';
import { end, ignore, interrupt, note, reach } from './moves.ts';

/** Failures that say nothing about the release: not counted, the slot goes back. Only believed before "rebooting". */
const TRANSIENT_REASONS: readonly string[] = ['battery', 'no-space', 'declined'];

/** What an event of a report does to an open attempt. */
export function applyReport(attempt: Attempt, report: ReportFact, context: AttemptContext): Applied {
  switch (report.state) {
    case 'installing':
    case 'rebooting':
      return attempt.state === 'granted' || (attempt.state === 'installing' && report.state === 'rebooting')
        ? reach(attempt, report.state, report, context)
        : ignore(attempt, 'repeated');
    case 'failed':
      return fail(attempt, report);
    case 'interrupted':
      return attempt.state === 'rebooting'
        ? ignore(attempt, 'contradiction')
        : interrupt(attempt, report.atMs);
    case 'claimed':
      return attempt.claimed
        ? ignore(attempt, 'repeated')
        : note({ ...attempt, claimed: true }, 'claimed', report.atMs);
    case 'progress':
      return ignore(attempt, 'progress');
  }
}

function fail(attempt: Attempt, { reason = 'unspecified', atMs }: ReportFact): Applied {
  const transient = attempt.state !== 'rebooting' && TRANSIENT_REASONS.includes(reason);
  return end(attempt, 'failed', atMs, { reason, transient });
}
