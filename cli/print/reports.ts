import type { LoggedReport } from '#shared/contracts/api/telemetry.ts';
import { splitThing } from '#shared/contracts/names.ts';
import { table } from './table.ts';
import { moment } from './units.ts';

/** By what reports are told apart in a list, and which of their events stand in it. */
export interface ReportsShown {
  /** Those of one rollout by their device, those of one device by their rollout. */
  readonly by: 'device' | 'rollout';
  /** Only events of this state. */
  readonly state?: string;
}

/**
 * What devices reported, an event a line; what they say in their own words stands last, made plain. Of a rollout each event stands once,
 * however often it was sent until somebody acknowledged it.
 */
export function reportsText(reports: readonly LoggedReport[], { by, state: only }: ReportsShown): string {
  const columns = ['RECEIVED', by.toUpperCase(), 'HARDWARE', 'TARGET', 'SEQ', 'STATE', 'REASON', 'DETAIL'];
  const shown = new Set<string>();
  const isNew = (attempt: string, seq: number) => {
    const event = `${attempt} ${seq}`;
    if (shown.has(event)) return by === 'rollout';
    shown.add(event);
    return true;
  };
  const rows = reports.flatMap(({ thing, atMs, report }) =>
    report.events
      .filter(({ seq, state }) => (only === undefined || state === only) && isNew(report.attempt, seq))
      .map(({ seq, state, reason = '', detail = '' }) => [
        moment(atMs),
        by === 'device' ? splitThing(thing).deviceId : report.rollout,
        by === 'device' ? report.hardware : '',
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
