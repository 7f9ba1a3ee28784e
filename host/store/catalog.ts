import { ConfigurationError } from '#shared/errors/errors.ts';
import type { Database } from './database.ts';

/**
 * The quoted sqlite name of `kind:name`. Throws `ConfigurationError` for a name that AWS would not take either, so that
 * no name can reach out of its quotes.
 */
export function sqlName(kind: string, ...names: readonly string[]): string {
  for (const name of names) {
    if (!/^[A-Za-z0-9_.-]{1,255}$/.test(name)) {
      throw new ConfigurationError(`${kind} "${name}": a name has 1 to 255 characters of A-Z a-z 0-9 _ . -`);
    }
  }
  return `"${[kind, ...names].join(':')}"`;
}

/** What is laid out in a database: each thing by name, with the description it was laid out by. */
export class Catalog {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
    database.define(
      'CREATE TABLE IF NOT EXISTS catalog(name TEXT PRIMARY KEY COLLATE NOCASE, layout TEXT NOT NULL) WITHOUT ROWID',
    );
  }

  /**
   * Answers whether `name` is laid out as `layout` says. Throws `ConfigurationError` when another name differs only in
   * upper and lower case, because sqlite would take both for the same.
   */
  has(name: string, layout: string): boolean {
    const found = this.#database
      .prepare<[string, string]>('SELECT name, layout FROM catalog WHERE name = ?')
      .get(name);
    if (found !== undefined && found[0] !== name) {
      throw new ConfigurationError(`${name} differs from ${found[0]} only in upper and lower case`);
    }
    return found?.[1] === layout;
  }

  /** Whether `name` is laid out, in whatever way. */
  knows(name: string): boolean {
    return this.#database.prepare('SELECT 1 FROM catalog WHERE name = ?').get(name) !== undefined;
  }

  /** Drops the sqlite tables whose names begin with `prefix`, as `"index:devices:`, but those in `kept`. */
  dropOthers(prefix: string, kept: readonly string[]): void {
    const names = this.#database.prepare<[string]>('SELECT name FROM catalog').all();
    for (const [name] of names) {
      if (!name.startsWith(prefix) || kept.includes(name)) continue;
      this.#database.define(`DROP TABLE ${name}`);
      this.#database.write(() => this.#database.prepare('DELETE FROM catalog WHERE name = ?').run(name));
    }
  }

  /** Takes `name` for something whose layout never changes; throws as `has` does. */
  claim(name: string): void {
    if (!this.has(name, '')) this.#database.write(() => this.note(name, ''));
  }

  /** Notes that `name` is now laid out so; part of this turn's transaction. */
  note(name: string, layout: string): void {
    this.#database.prepare('INSERT OR REPLACE INTO catalog VALUES (?, ?)').run(name, layout);
  }
}
