import type { ListedDevice } from '../bulk/device-list.ts';
import type { BulkResult } from '../bulk/run-bulk.ts';
import { failureOf } from './failure.ts';
import { plain } from './plain.ts';
import { facts } from './table.ts';
import { duration } from './units.ts';

/** How a list went; `done` names what became of its devices: `registered`. */
export interface ListResult {
  readonly done: string;
  readonly durationMs: number;
  readonly result: BulkResult<ListedDevice>;
}

/** As many failures are named to people; a document and a file of failures have all. */
const MOST_NAMED = 20;

/** How a list went, for programs: counts, and each failure with its line. */
export function bulkDocument({ done, durationMs, result }: ListResult): Record<string, unknown> {
  return {
    [done]: result.done,
    already: result.already,
    failed: result.failed.map(({ item: { line, deviceId }, error }) => {
      const { exitCode: _, ...failure } = failureOf(error);
      return { line, deviceId, ...failure };
    }),
    notTried: result.notTried.length,
    durationMs: Math.round(durationMs),
  };
}

/** How a list went, for people: counts, the first failures by line, and what can be done about them. */
export function bulkText({ done, durationMs, result }: ListResult): string {
  const { failed, notTried, already } = result;
  const failures = failed.map(({ item, error }) => ({ ...item, ...failureOf(error) }));
  const named = failures
    .slice(0, MOST_NAMED)
    .map(({ line, deviceId, message }) => `line ${line}, ${deviceId}: ${plain(message)}\n`);
  const more = failures.length - MOST_NAMED;
  const advices = new Set(failures.flatMap(({ advice }) => (advice === undefined ? [] : [advice])));
  return [
    facts([
      [done, `${result.done} in ${duration(durationMs)}`],
      ['already so', String(already)],
      ['failed', String(failed.length)],
      ['not tried', notTried.length === 0 ? undefined : `${notTried.length}: the same command again goes on`],
    ]),
    ...named,
    ...(more > 0 ? [`and ${more} more, all of which --failed FILE and --json name\n`] : []),
    ...[...advices].map((advice) => `${advice}\n`),
  ].join('');
}
