import type { LoggedReport } from '#shared/contracts/api/telemetry.ts';
import { table } from './table.ts';
import { moment } from './units.ts';

/** What devices reported, an event a line; what they say in their own words stands last, made plain. */
export function reportsText(reports: readonly LoggedReport[]): string {
  const columns = ['RECEIVED', 'ROLLOUT', 'TARGET', 'SEQ', 'STATE', 'REASON', 'DETAIL'];
  const rows = reports.flatMap(({ atMs, report }) =>
    report.events.map(({ seq, state, reason = '', detail = '' }) => [
      moment(atMs),
      report.rollout,
      report.target,
      String(seq),
      state,
      reason,
      detail,
    ]),
  );
  return table(
    columns.map((title) => ({ title })),
    rows,
  );
}
