import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import {
  CHECKPOINT_PAGES,
  LET_GO_WITHIN_MS,
  PAGE_SIZE_BYTES,
  type Sqlite,
  type SqliteStatement,
} from './open-sqlite.ts';

const THREAD = join(import.meta.dirname, 'checkpoint-thread.cjs');
/** A thread takes some 15 MB; one that is needed again within this time is kept. */
const THREAD_IDLE_MS = 30_000;
/** Asking how long the log is costs 5 µs: not with each commit. */
const LOOK_EVERY_COMMITS = 16;
/** So few pages (512 KB) are copied within a turn without anybody noticing. */
const SHORT_REST_PAGES = 64;
/** Beyond it a rest that no longer halves from pass to pass is copied within a turn, so that the log cannot grow without end. */
const LONG_LOG_PAGES = 2 * CHECKPOINT_PAGES;
/** Only a log that somebody reads gets so long. */
const READ_LOG_PAGES = LONG_LOG_PAGES + CHECKPOINT_PAGES;
/** How long the log is at most while nobody reads it for long; a longer one is cut to this once it begins anew. */
export const UNREAD_LOG_BYTES = READ_LOG_PAGES * PAGE_SIZE_BYTES;

/** What `PRAGMA wal_checkpoint` answers: pages in the log, and how many of them are in the file of the database by now. */
interface LogState {
  readonly log: number;
  readonly checkpointed: number;
}

/**
 * Keeps sqlite's log short without holding up the event loop: another thread copies its pages into the file while turns go on, and
 * only what was added meanwhile is copied within a turn, after which the log begins anew (sqlite.org/wal.html#ckpt).
 */
export class CheckpointsBeside {
  readonly #path: string;
  readonly #sqlite: Sqlite;
  readonly #noop: SqliteStatement;
  readonly #restart: SqliteStatement;
  readonly #onLongLog: (bytes: number) => void;
  /** The log that is worth a word. */
  #tellAtPages = READ_LOG_PAGES;
  #thread: Worker | undefined;
  #commits = 0;
  #isRunning = false;
  /** What the pass before the last left to do; without bound where there was none. */
  #restPagesBefore = Number.POSITIVE_INFINITY;
  /** What the last pass left, until it is dealt with; without a state where its thread failed. */
  #ended: { readonly state?: LogState } | undefined;
  #isClosed = false;

  /**
   * For the connection that writes the database at `path`, whose own checkpoints are switched off by this. `onLongLog` hears of a log
   * that somebody who reads keeps from beginning anew, once it is much longer than others get, and whenever it is twice as long again.
   */
  constructor(path: string, sqlite: Sqlite, onLongLog: (bytes: number) => void) {
    this.#path = path;
    this.#onLongLog = onLongLog;
    this.#sqlite = sqlite;
    sqlite.exec(`PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = ${UNREAD_LOG_BYTES}`);
    this.#noop = sqlite.prepare('PRAGMA wal_checkpoint(NOOP)');
    this.#restart = sqlite.prepare('PRAGMA wal_checkpoint(RESTART)');
  }

  /** To be called after each commit, with no transaction open. Throws what the disk throws. */
  committed(): void {
    if (this.#isRunning) return;
    if (this.#ended !== undefined) this.#goOn(this.#ended.state);
    else if (++this.#commits % LOOK_EVERY_COMMITS === 0 && this.#logPages >= CHECKPOINT_PAGES) this.#pass();
  }

  /** Lets the thread go; what is in the log stays there for whoever opens the database next. */
  close(): void {
    this.#isClosed = true;
    void this.#thread?.terminate();
  }

  #goOn(state: LogState | undefined): void {
    const log = this.#logPages;
    const restPages = log - (state?.checkpointed ?? log);
    const isLessEachTime = restPages <= this.#restPagesBefore / 2;
    if (restPages > SHORT_REST_PAGES && (log < LONG_LOG_PAGES || isLessEachTime)) {
      this.#restPagesBefore = restPages;
      this.#pass();
      return;
    }
    this.#ended = undefined;
    this.#restPagesBefore = Number.POSITIVE_INFINITY;
    this.#beginAnew();
  }

  /**
   * Somebody who still reads what is in the log, such as a backup, keeps it from beginning anew. sqlite would wait for them, and with
   * it the event loop, as long as its timeout allows: the log goes on growing instead, and the next look tries again.
   */
  #beginAnew(): void {
    this.#sqlite.exec('PRAGMA busy_timeout = 0');
    try {
      this.#noteLength(this.#restart.get());
    } finally {
      this.#sqlite.exec(`PRAGMA busy_timeout = ${LET_GO_WITHIN_MS}`);
    }
  }

  /** Of what a restart answered: `busy` where somebody kept it from being done. */
  #noteLength(restarted: ReturnType<SqliteStatement['get']>): void {
    const pages = Number(restarted?.log);
    if (restarted?.busy === 0) this.#tellAtPages = READ_LOG_PAGES;
    else if (pages >= this.#tellAtPages) {
      this.#tellAtPages = 2 * pages;
      this.#onLongLog(pages * PAGE_SIZE_BYTES);
    }
  }

  #pass(): void {
    this.#isRunning = true;
    this.#ended = undefined;
    this.#thread ??= this.#startThread();
    this.#thread.postMessage(undefined);
  }

  #startThread(): Worker {
    const thread = new Worker(THREAD, {
      workerData: { path: this.#path, idleMs: THREAD_IDLE_MS },
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1 },
    });
    thread.unref();
    thread.on('message', (state: LogState) => this.#end({ state }));
    // What it could not do is done within a turn, where a disk that fails ends the process by name.
    thread.on('error', () => this.#forget(thread));
    thread.on('exit', () => this.#forget(thread));
    return thread;
  }

  #forget(thread: Worker): void {
    if (this.#thread !== thread) return;
    this.#thread = undefined;
    if (this.#isRunning) this.#end({});
  }

  #end(ended: { readonly state?: LogState }): void {
    this.#isRunning = false;
    if (!this.#isClosed) this.#ended = ended;
  }

  get #logPages(): number {
    return Number(this.#noop.get()?.log);
  }
}
