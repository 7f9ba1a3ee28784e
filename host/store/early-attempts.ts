import { ConfigurationError } from '#shared/errors/errors.ts';
import type { Sqlite } from './open-sqlite.ts';

/**
 * Devices that hold the name of an open attempt instead of the attempt, in whatever stage: builds from before 26 November 2026, 05:10 UTC, kept
 * it in a row of its own, which nobody looks at any more.
 */
const HELD_BY_NAME = `pk >= 'D#' AND pk < 'D$' AND json_extract(item, '$.open.attempt') IS NOT NULL`;
const TABLES = `SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'table:%-rollouts'`;

/**
 * Looks through the database at `path`, of the layout of those builds, for attempts that would never end here: nobody would be served with such
 * a device again. Throws `ConfigurationError` with what to do where there is one.
 */
export function refuseEarlyAttempts(sqlite: Sqlite, path: string): void {
  for (const { name } of sqlite.prepare(TABLES).all()) {
    const { devices, first } = sqlite.prepare(countIn(String(name))).get() ?? {};
    if (devices === 0) continue;
    const who = devices === 1 ? `${first} holds` : `${devices} devices (${first} is one) hold`;
    throw new ConfigurationError(
      `${path}: ${who} an open attempt as builds from before 26 November 2026, 05:10 UTC, kept it, which this version does not read: start ` +
        'the version that served here before, let its rollouts end or abort them, and start this one when no device is installing any ' +
        'more (docs/operations.md, "Upgrading, and going back")',
    );
  }
}

const countIn = (table: string): string =>
  `SELECT count(*) AS devices, min(sk) AS first FROM "${table}" WHERE ${HELD_BY_NAME}`;
