import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { realWorld } from '#shared/world/real-world.ts';
import { Database } from './database.ts';
import { CHECKPOINT_PAGES, LET_GO_WITHIN_MS } from './open-sqlite.ts';

/** Nearly a page of 8 KB. */
const PAGE_FULL = 'x'.repeat(7_000);
const ROWS_A_TURN = 250;

let directory: string;
const onFatal = jest.fn();
const onLongLog = jest.fn<(bytes: number) => void>();
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'evenkeel-checkpoints-'));
  onFatal.mockClear();
  onLongLog.mockClear();
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function open(): Database {
  const database = new Database({ directory, world: realWorld, onFatal, onLongLog, flushesBeside: true });
  database.define('CREATE TABLE IF NOT EXISTS pages(n INTEGER PRIMARY KEY, text TEXT)');
  return database;
}

/** One turn's writes, until they are on disk. */
async function writeTurn(database: Database, turn: number): Promise<void> {
  const insert = database.prepare(
    'INSERT INTO pages VALUES (?, ?) ON CONFLICT DO UPDATE SET text = excluded.text',
  );
  database.write(() => {
    for (let row = 0; row < ROWS_A_TURN; row++) insert.run(turn * ROWS_A_TURN + row, PAGE_FULL);
  });
  await database.committed();
}

const bytesOf = (file: string) => statSync(join(directory, file)).size;
const logPages = () => bytesOf('evenkeel.db-wal') / 8_192;
const rowsIn = (database: Database) => database.prepare<[number]>('SELECT count(*) FROM pages').get()?.[0];

/** Writes until a turn no longer makes the log's file longer, which is never cut: it has begun anew. Everything must be there then. */
async function writeUntilTheLogBeginsAnew(): Promise<void> {
  const database = open();
  let turns = 0;
  for (let before = 0; before < logPages(); turns++) {
    before = logPages();
    expect(before).toBeLessThan(20 * CHECKPOINT_PAGES);
    await writeTurn(database, turns);
  }
  expect(bytesOf('evenkeel.db')).toBeGreaterThan(CHECKPOINT_PAGES * 8_192);
  expect(rowsIn(database)).toBe(turns * ROWS_A_TURN);
  database.close();
  const again = open();
  expect(rowsIn(again)).toBe(turns * ROWS_A_TURN);
  again.close();
  expect(onFatal).not.toHaveBeenCalled();
  expect(onLongLog).not.toHaveBeenCalled();
}

test('the log begins anew while turns go on, and loses nothing', async () => {
  await writeUntilTheLogBeginsAnew();
});

test('the same when its thread dies each time', async () => {
  const asked = jest.spyOn(Worker.prototype, 'postMessage').mockImplementation(function (this: Worker) {
    void this.terminate();
  });
  await writeUntilTheLogBeginsAnew();
  expect(asked).toHaveBeenCalled();
  asked.mockRestore();
});

test('who reads the database for long holds up no turn, and the log begins anew once they have read', async () => {
  const database = open();
  await writeTurn(database, 0);
  const reader = new DatabaseSync(join(directory, 'evenkeel.db'), { readOnly: true });
  reader.exec('BEGIN');
  const rowsRead = () => reader.prepare('SELECT count(*) AS n FROM pages').get()?.n;
  expect(rowsRead()).toBe(ROWS_A_TURN);

  let turns = 1;
  let longestMs = 0;
  const turn = async () => {
    const atMs = realWorld.monotonicMs();
    await writeTurn(database, turns++);
    longestMs = Math.max(longestMs, realWorld.monotonicMs() - atMs);
  };
  while (logPages() < 4 * CHECKPOINT_PAGES) await turn();
  expect(longestMs).toBeLessThan(LET_GO_WITHIN_MS);
  expect(rowsRead()).toBe(ROWS_A_TURN);
  // Once, with what no log gets to that nobody reads; twice that is more than this one has.
  expect(onLongLog.mock.calls).toEqual([[expect.any(Number)]]);
  expect(onLongLog.mock.calls[0]?.[0]).toBeGreaterThanOrEqual(3 * CHECKPOINT_PAGES * 8_192);

  reader.exec('COMMIT');
  reader.close();
  // Only one that begins anew is cut.
  while (logPages() >= 4 * CHECKPOINT_PAGES) await turn();
  expect(longestMs).toBeLessThan(LET_GO_WITHIN_MS);
  expect(rowsIn(database)).toBe(turns * ROWS_A_TURN);
  database.close();
  expect(onFatal).not.toHaveBeenCalled();
});
