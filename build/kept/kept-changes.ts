import { isDeepStrictEqual } from 'node:util';
import type { Fault } from '../gate/finding.ts';
import type { Kept } from './kept.ts';

const ACCEPT = 'or accept it: npm run package -- --accept-kept';

/**
 * What a deployment would do to stages that were deployed as `before` says (nothing of a stack that is new). What is new is told too:
 * until it is committed nobody would notice that it goes.
 */
export function changesSince(before: Kept | undefined, today: Kept): Fault[] {
  const [had, has] = [before ?? { resources: {}, exports: {} }, today];
  const rule = 'kept-in-updates';
  const fault = (resource: string, message: string): Fault => ({ resource, rule, message });
  const resources = names(had.resources, has.resources).flatMap((id) => {
    const [was, is] = [had.resources[id], has.resources[id]];
    if (isDeepStrictEqual(was, is)) return [];
    if (was === undefined) return [fault(id, 'is new: npm run package -- --accept-kept')];
    if (is === undefined)
      return [
        fault(id, `is gone: an update would remove or abandon it with what it holds; leave it, ${ACCEPT}`),
      ];
    const which = names(was, is).filter((name) => !isDeepStrictEqual(was[name], is[name]));
    return [
      fault(
        id,
        `has another ${which.join(', ')}: an update may replace it or fail (a table takes one more index at a time); leave it, ${ACCEPT}`,
      ),
    ];
  });
  const exports = names(had.exports, has.exports).flatMap((name) => {
    const [was, is] = [had.exports[name], has.exports[name]];
    if (isDeepStrictEqual(was, is)) return [];
    if (was === undefined) return [fault('', `exports ${name} anew: npm run package -- --accept-kept`)];
    const what = is === undefined ? `no longer exports ${name}` : `exports another ${name}`;
    // Who exports is deployed first, while the stacks of yesterday still import.
    return [
      fault(
        '',
        `${what}: the update fails while a deployed stack imports it; deploy once without the import, ${ACCEPT}`,
      ),
    ];
  });
  return [...resources, ...exports];
}

const names = (...some: readonly Readonly<Record<string, unknown>>[]): string[] =>
  [...new Set(some.flatMap(Object.keys))].sort();
