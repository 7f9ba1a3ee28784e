import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { ConfigurationError, UnknownOutcomeError } from '#shared/errors/errors.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { VirtualWorld } from '#shared/world/virtual-world.ts';
import { Database } from './database.ts';
import { LogFlush } from './log-flush.ts';

let directory: string;
let world: VirtualWorld;
const onFatal = jest.fn();
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'evenkeel-database-'));
  world = new VirtualWorld();
  onFatal.mockClear();
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function open(): Database {
  return new Database({ directory, world, onFatal });
}
async function openWithNumbers(): Promise<Database> {
  const database = open();
  database.define('CREATE TABLE numbers(n INTEGER PRIMARY KEY)');
  await world.settle();
  return database;
}
const insert = (database: Database, n: number) =>
  database.write(() => database.prepare('INSERT INTO numbers VALUES (?)').run(n));
const numbers = (database: Database) => database.prepare<[number]>('SELECT n FROM numbers').all().flat();

/** What another process would find on the disk if this one died now. */
function numbersOnDisk(): number[] {
  const copy = mkdtempSync(join(tmpdir(), 'evenkeel-copy-'));

  cpSync(directory, copy, { recursive: true });
  const sqlite = new DatabaseSync(join(copy, 'evenkeel.db'));
  const found = sqlite.prepare('SELECT n FROM numbers').all();
  sqlite.close();
  rmSync(copy, { recursive: true });
  return found.map(({ n }) => Number(n));
}

test('commits the writes of a turn together at its end, and resolves only then', async () => {
  const database = await openWithNumbers();
  const resolved: string[] = [];
  insert(database, 1);
  database.committed().then(() => resolved.push('first'));
  insert(database, 2);
  database.committed().then(() => resolved.push('second'));
  await new Promise((resolve) => setImmediate(resolve));
  expect(numbers(database)).toEqual([1, 2]);
  expect(resolved).toEqual([]);
  await world.settle();
  expect(resolved).toEqual(['first', 'second']);
  database.close();
});

test('has nothing to wait for when nothing was written', async () => {
  const database = await openWithNumbers();
  let isResolved = false;
  database.committed().then(() => {
    isResolved = true;
  });
  await Promise.resolve();
  expect(isResolved).toBe(true);
  database.close();
});

test('runs what waits for the commit after it, in order, and once', async () => {
  const database = await openWithNumbers();
  const seen: string[] = [];
  insert(database, 1);
  database.afterCommit(() => seen.push('a'));
  database.afterCommit(() => seen.push('b'));
  expect(seen).toEqual([]);
  await world.settle();
  database.afterCommit(() => seen.push('c'));
  await world.settle();
  expect(seen).toEqual(['a', 'b', 'c']);
  database.close();
});

test('commits what is open when it is closed', async () => {
  const database = await openWithNumbers();
  insert(database, 7);
  database.close();
  const again = open();
  expect(numbers(again)).toEqual([7]);
  again.close();
});

test('has on disk what it has committed and nothing else, at any moment', async () => {
  const database = await openWithNumbers();
  insert(database, 1);
  await world.settle();
  insert(database, 2);
  expect(numbersOnDisk()).toEqual([1]);
  await world.settle();
  expect(numbersOnDisk()).toEqual([1, 2]);
  database.close();
});

test('ends everything when a commit fails: nothing that waited for it goes on', async () => {
  const database = await openWithNumbers();
  database.define('CREATE TABLE later(n REFERENCES numbers(n) DEFERRABLE INITIALLY DEFERRED)');
  await world.settle();
  const told = jest.fn();
  insert(database, 1);
  database.write(() => database.prepare('INSERT INTO later VALUES (99)').run());
  database.afterCommit(told);
  const waiting = expect(database.committed()).rejects.toThrow(UnknownOutcomeError);
  expect(onFatal).not.toHaveBeenCalled();
  await world.settle();
  await waiting;
  expect(onFatal).toHaveBeenCalledTimes(1);
  expect(told).not.toHaveBeenCalled();
  expect(() => insert(database, 2)).toThrow(UnknownOutcomeError);
  expect(() => numbers(database)).toThrow();
  await expect(database.committed()).rejects.toThrow(UnknownOutcomeError);
  expect(onFatal).toHaveBeenCalledTimes(1);
  expect(numbersOnDisk()).toEqual([]);
});

test('ends everything when an operation fails half way', async () => {
  const database = await openWithNumbers();
  const half = () =>
    database.write(() => {
      database.prepare('INSERT INTO numbers VALUES (1)').run();
      throw new Error('full');
    });
  expect(half).toThrow(UnknownOutcomeError);
  expect(onFatal).toHaveBeenCalledWith(new Error('full'));
  await world.settle();
  expect(numbersOnDisk()).toEqual([]);
});

test('refuses a file that another process holds', async () => {
  const database = await openWithNumbers();
  expect(open).toThrow(ConfigurationError);
  database.close();
  open().close();
});

test('refuses a file of another layout', () => {
  open().close();
  const sqlite = new DatabaseSync(join(directory, 'evenkeel.db'));
  sqlite.exec('PRAGMA user_version = 3');
  sqlite.close();
  expect(open).toThrow(ConfigurationError);
});

test('takes a file of the layout before, which stays as it is until the host lays it out anew', () => {
  open().close();
  const path = join(directory, 'evenkeel.db');
  const layout = () => {
    const sqlite = new DatabaseSync(path);
    const version = sqlite.prepare('PRAGMA user_version').get()?.user_version;
    sqlite.close();
    return version;
  };
  const sqlite = new DatabaseSync(path);
  sqlite.exec('PRAGMA user_version = 1');
  sqlite.close();
  open().close();
  expect(layout()).toBe(1);
  const database = open();
  database.takeLayout();
  database.close();
  expect(layout()).toBe(2);
});

test('refuses a file of the layout before, and leaves it as it is, while a device holds an attempt by its name alone', () => {
  open().close();
  const edit = (sql: string) => {
    const sqlite = new DatabaseSync(join(directory, 'evenkeel.db'));
    sqlite.exec(sql);
    sqlite.close();
  };
  const put = (sk: string, open: object) =>
    edit(
      `INSERT INTO "table:evenkeel-home-rollouts" VALUES ('D#acme#0f', '${sk}', '${JSON.stringify({ open })}')`,
    );
  edit('CREATE TABLE "table:evenkeel-home-rollouts"(pk TEXT, sk TEXT, item TEXT); PRAGMA user_version = 1');
  put('cam-0001', { rollout: 'r1', id: 'a1', state: 'granted' });
  open().close();
  put('cam-0002', { rollout: 'r1', attempt: 'a2', sinceMs: 1 });
  expect(open).toThrow(
    /evenkeel\.db: cam-0002 holds an open attempt .* start the version that served here before/,
  );
  put('cam-0003', { rollout: 'r1', attempt: 'a3', sinceMs: 1 });
  expect(open).toThrow('2 devices (cam-0002 is one) hold');
  edit(`DELETE FROM "table:evenkeel-home-rollouts" WHERE sk > 'cam-0001'`);
  open().close();
});

test('refuses a file that is no database', () => {
  writeFileSync(join(directory, 'evenkeel.db'), 'x'.repeat(10_000));
  expect(open).toThrow(ConfigurationError);
});

describe('with flushes beside the event loop', () => {
  const openBeside = () => new Database({ directory, world: realWorld, onFatal, flushesBeside: true });

  test('tells of a turn when it is flushed, and of turns that ended meanwhile in their order', async () => {
    const database = openBeside();
    database.define('CREATE TABLE numbers(n INTEGER PRIMARY KEY)');
    await database.committed();
    const told: number[] = [];
    const onDisk: Promise<void>[] = [];
    for (const n of [1, 2, 3]) {
      insert(database, n);
      database.afterCommit(() => told.push(n));
      onDisk.push(database.committed().then(() => expect(numbersOnDisk()).toContain(n)));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(onDisk);
    expect(told).toEqual([1, 2, 3]);
    database.close();
  });

  test('has what it read flushed too before it says committed, also in a turn that wrote nothing', async () => {
    const database = openBeside();
    database.define('CREATE TABLE numbers(n INTEGER PRIMARY KEY)');
    await database.committed();
    let isFlushed = false;
    insert(database, 1);
    database.afterCommit(() => {
      isFlushed = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(numbers(database)).toEqual([1]);
    await database.committed();
    expect(isFlushed).toBe(true);
    database.close();
  });

  test('flushes what is open when it is closed', async () => {
    const database = openBeside();
    database.define('CREATE TABLE numbers(n INTEGER PRIMARY KEY)');
    insert(database, 1);
    const committed = database.committed();
    database.close();
    await committed;
    expect(numbersOnDisk()).toEqual([1]);
    expect(onFatal).not.toHaveBeenCalled();
  });

  test('ends everything when the disk refuses a flush', async () => {
    const database = openBeside();
    database.define('CREATE TABLE numbers(n INTEGER PRIMARY KEY)');
    await database.committed();
    const refusal = new Error('EIO: i/o error, fdatasync');
    const flush = jest.spyOn(LogFlush.prototype, 'beside').mockImplementation((done) => done(refusal));
    const told = jest.fn();
    insert(database, 1);
    database.afterCommit(told);
    await expect(database.committed()).rejects.toThrow(UnknownOutcomeError);
    flush.mockRestore();
    expect(onFatal).toHaveBeenCalledWith(refusal);
    expect(told).not.toHaveBeenCalled();
    expect(() => insert(database, 2)).toThrow(UnknownOutcomeError);
    await expect(database.committed()).rejects.toThrow(UnknownOutcomeError);
  });
});
