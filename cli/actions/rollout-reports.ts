import type { RolloutView } from '#shared/contracts/api/rollouts.ts';
import { ListRolloutReports, type LoggedReport } from '#shared/contracts/api/telemetry.ts';
import { splitThing } from '#shared/contracts/names.ts';
import type { ApiClient } from '../api-client.ts';
import { allPages, PAGE } from './all-pages.ts';

/** Which reports of a rollout are asked for. */
export interface ReportsQuery {
  /** A day in UTC by when they were received; every day since the launch unless given. */
  readonly day?: string | undefined;
  /** Only those of this device. */
  readonly device?: string | undefined;
  /** Only those that tell of a failure. */
  readonly failed?: boolean | undefined;
  /** Only those that tell of a failure for this reason. */
  readonly reason?: string | undefined;
  readonly limit: number;
}

const DAY_MS = 86_400_000;
/** What devices reported of a rollout, day by day and oldest first; at most `limit` reports. None of one that was never launched. */
export async function reportsOfRollout(
  client: ApiClient,
  { rollout, launchedAtMs }: Pick<RolloutView, 'rollout' | 'launchedAtMs'>,
  query: ReportsQuery,
): Promise<LoggedReport[]> {
  if (launchedAtMs === undefined) return [];
  const days = query.day === undefined ? daysFrom(launchedAtMs, client.world.now()) : [query.day];
  const found: LoggedReport[] = [];
  for (const day of days) {
    if (found.length >= query.limit) break;
    const ofDay = await allPages(query.limit - found.length, async (page) => {
      const answer = await client.call(ListRolloutReports, {
        params: { rollout },
        // Most reports of a page may be others than those that are wanted.
        query: { ...page, limit: PAGE, day },
      });
      return { items: answer.reports.filter((one) => isAsked(one, query)), cursor: answer.cursor };
    });
    found.push(...ofDay.toSorted((one, other) => one.atMs - other.atMs));
  }
  return found;
}

function isAsked({ thing, report }: LoggedReport, { device, failed, reason }: ReportsQuery): boolean {
  if (device !== undefined && splitThing(thing).deviceId !== device) return false;
  if (reason !== undefined) return report.events.some((event) => event.reason === reason);
  return failed !== true || report.events.some(({ state }) => state === 'failed');
}

/** The days of the calendar in UTC from one moment to another, `2026-12-01`. */
function daysFrom(fromMs: number, toMs: number): string[] {
  const first = Math.floor(fromMs / DAY_MS);
  const count = Math.max(1, Math.floor(toMs / DAY_MS) - first + 1);
  return Array.from({ length: count }, (_, at) => new Date((first + at) * DAY_MS).toISOString().slice(0, 10));
}
