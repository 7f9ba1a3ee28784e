import { UnknownOutcomeError } from '#shared/errors/errors.ts';
import type { DirectoryLock } from '#shared/program/directory-lock.ts';
import type { World } from '#shared/world/world.ts';
import { CheckpointsBeside } from './checkpoints-beside.ts';
import { LogFlush } from './log-flush.ts';
import { type DatabaseOptions, LAYOUT_VERSION, openSqlite, pathIn, type Sqlite } from './open-sqlite.ts';
import { type Cell, LateStatement, type Statement } from './statement.ts';

const DONE = Promise.resolve();

/** The writes of one turn of the event loop, and who waits for them to be on disk. */
class Turn {
  /** Whether nobody outside is ever told of any of them. */
  isAside = true;
  readonly onDisk = Promise.withResolvers<void>();
  readonly waiting: (() => void)[] = [];
}

/**
 * One sqlite file whose writes are committed together at the end of the event-loop turn that they were made in. The turns that
 * end while one flush is on its way share the next.
 *
 * Reads see what was written before them, committed or not. Whoever lets something out of the process (PUBLISH, PUBACK,
 * HTTP answer, renamed file) waits for `committed()` first, so that nobody outside ever knows more than the disk.
 */
export class Database {
  readonly #sqlite: Sqlite;
  readonly #world: World;
  readonly #onFatal: (error: unknown) => void;
  readonly #statements = new Map<string, Statement<readonly Cell[]>>();
  readonly #begin: Statement<readonly Cell[]>;
  readonly #commit: Statement<readonly Cell[]>;
  readonly #lock: DirectoryLock | undefined;
  readonly #flush: LogFlush | undefined;
  readonly #checkpoints: CheckpointsBeside | undefined;
  /** Whose writes the open transaction holds. */
  #turn: Turn | undefined;
  /** In the log, not yet known to be on disk; in order. */
  #unflushed: Turn[] = [];
  #isFlushing = false;
  #lost: UnknownOutcomeError | undefined;

  /** Throws `ConfigurationError` when another process holds the file, or a newer version has written it. */
  constructor(options: DatabaseOptions) {
    this.#world = options.world;
    this.#onFatal = options.onFatal;
    const { sqlite, lock } = openSqlite(options);
    this.#sqlite = sqlite;
    this.#lock = lock;
    if (options.flushesBeside === true && options.directory !== undefined) {
      this.#flush = new LogFlush(pathIn(options.directory));
      // From here on the log is flushed by us after each commit; sqlite flushes it before and the file after each checkpoint.
      sqlite.exec('PRAGMA synchronous = NORMAL');
      this.#checkpoints = new CheckpointsBeside(
        pathIn(options.directory),
        sqlite,
        options.onLongLog ?? (() => undefined),
      );
    }
    this.#begin = this.prepare('BEGIN IMMEDIATE');
    this.#commit = this.prepare('COMMIT');
  }

  /**
   * The statement for this SQL, prepared at its first use and kept: SQL texts must be few, values go in as parameters. Prepared
   * ahead, each would be prepared once more after the next table is laid out, and most of them are never used.
   */
  prepare<Row extends readonly Cell[] = readonly Cell[]>(sql: string): Statement<Row> {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = new LateStatement(this.#sqlite, sql);
      this.#statements.set(sql, statement);
    }
    // Only the author of the SQL knows what it selects.
    return statement as Statement<Row>;
  }

  /**
   * Runs `run`, whose statements belong to this turn's transaction. Whatever may be refused must be refused before: a
   * throw from here has left half an operation behind, and ends the process. Nobody outside is ever told of what is written
   * `aside`.
   */
  write<T>(run: () => T, { aside = false }: { readonly aside?: boolean } = {}): T {
    try {
      const turn = this.#turn ?? this.#beginTurn();
      if (!aside) turn.isAside = false;
      return run();
    } catch (error) {
      throw this.#fail(error);
    }
  }

  /** Changes what tables there are, within this turn's transaction. */
  define(sql: string): void {
    this.write(() => this.#sqlite.exec(sql));
  }

  /** From now on earlier versions refuse the data directory: to be called before anything in it is laid out as they do not know it. */
  takeLayout(): void {
    this.define(`PRAGMA user_version = ${LAYOUT_VERSION}`);
  }

  /** Resolves once everything that may have been read so far is on disk; costs nothing when it already is. */
  committed(): Promise<void> {
    if (this.#lost !== undefined) return rejected(this.#lost);
    return this.#last?.onDisk.promise ?? DONE;
  }

  /** The same for who lets something out of the process: nothing that leaves tells of what was written aside. */
  mayBeTold(): Promise<void> {
    if (this.#lost !== undefined) return rejected(this.#lost);
    if (this.#turn?.isAside === false) return this.#turn.onDisk.promise;
    return this.#unflushed.findLast(({ isAside }) => !isAside)?.onDisk.promise ?? DONE;
  }

  /** Runs `run` once everything that was written so far is on disk; at the next end of a turn when it already is. */
  afterCommit(run: () => void): void {
    const last = this.#last;
    if (last === undefined) this.#world.endOfTurn(run);
    else last.waiting.push(run);
  }

  /** Commits what is open and closes the file. */
  close(): void {
    if (!this.#sqlite.isOpen) return;
    this.#endTurn();
    if (!this.#sqlite.isOpen) return;
    if (this.#unflushed.length > 0) this.#flushNow();
    this.#closeFiles();
  }

  /** Closes as a crash would: what this turn has written is lost, and whoever waits for it waits for ever. */
  crash(): void {
    if (this.#sqlite.isOpen) this.#closeFiles();
    for (const turn of this.#unflushed) turn.waiting.length = 0;
    if (this.#turn !== undefined) this.#turn.waiting.length = 0;
  }

  get #last(): Turn | undefined {
    return this.#turn ?? this.#unflushed.at(-1);
  }

  #beginTurn(): Turn {
    if (!this.#sqlite.isOpen) throw new UnknownOutcomeError('the store is closed');
    this.#begin.run();
    const turn = new Turn();
    this.#turn = turn;
    this.#world.endOfTurn(() => this.#endTurn());
    return turn;
  }

  #endTurn(): void {
    const turn = this.#turn;
    if (turn === undefined || !this.#sqlite.isOpen) return;
    try {
      this.#commit.run();
      this.#checkpoints?.committed();
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#turn = undefined;
    this.#unflushed.push(turn);
    if (this.#flush === undefined) this.#told(this.#unflushed);
    else if (!this.#isFlushing) this.#flushBeside(this.#flush);
  }

  #flushBeside(flush: LogFlush): void {
    const count = this.#unflushed.length;
    this.#isFlushing = true;
    flush.beside((error) => {
      this.#isFlushing = false;
      if (!this.#sqlite.isOpen) return;
      if (error !== null) {
        this.#fail(error);
        return;
      }
      this.#told(this.#unflushed.splice(0, count));
      if (this.#unflushed.length > 0 && !this.#isFlushing) this.#flushBeside(flush);
    });
  }

  #flushNow(): void {
    try {
      this.#flush?.now();
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#told(this.#unflushed);
  }

  /** These turns are on disk. */
  #told(turns: Turn[]): void {
    for (const { onDisk, waiting } of turns.splice(0)) {
      onDisk.resolve();
      for (const run of waiting) run();
    }
  }

  #fail(error: unknown): UnknownOutcomeError {
    const lost = new UnknownOutcomeError('the store failed and takes no more calls', { cause: error });
    if (!this.#sqlite.isOpen) return lost;
    this.#lost = lost;
    this.#closeFiles();
    const turns = this.#turn === undefined ? this.#unflushed : [...this.#unflushed, this.#turn];
    this.#unflushed = [];
    this.#turn = undefined;
    for (const { onDisk } of turns) {
      // Told through onFatal; a write of this turn whose promise nobody holds is no second failure.
      onDisk.promise.catch(() => undefined);
      onDisk.reject(lost);
    }
    this.#onFatal(error);
    return lost;
  }

  #closeFiles(): void {
    this.#checkpoints?.close();
    this.#sqlite.close();
    this.#flush?.close();
    this.#lock?.release();
  }
}

/** A rejection that is no unhandled one where nobody looks at it. */
function rejected(error: Error): Promise<never> {
  const promise = Promise.reject(error);
  promise.catch(() => undefined);
  return promise;
}
