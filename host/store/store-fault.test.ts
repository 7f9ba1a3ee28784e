import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openFault, storeFaultText } from './store-fault.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'evenkeel-fault-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** What a database of so many pages throws when more is written. */
function faultOf(fill: (sqlite: DatabaseSync) => void): unknown {
  const sqlite = new DatabaseSync(join(directory, 'evenkeel.db'));
  try {
    fill(sqlite);
  } catch (error) {
    return error;
  } finally {
    sqlite.close();
  }
  throw new Error('nothing was thrown');
}

test('a full disk is called so, with what to do', () => {
  const error = faultOf((sqlite) => {
    sqlite.exec('CREATE TABLE rows(text TEXT); PRAGMA max_page_count = 2;');
    sqlite.prepare('INSERT INTO rows VALUES (?)').run('x'.repeat(100_000));
  });
  const text = `the disk of ${directory} is full: make room, then start again; what was acknowledged is kept`;
  expect(storeFaultText(directory, error)).toBe(text);
  const flush = Object.assign(new Error('ENOSPC: no space left on device, fdatasync'), { code: 'ENOSPC' });
  expect(storeFaultText(directory, flush)).toBe(text);
});

test('a file that is damaged is named, and where another comes from', () => {
  writeFileSync(join(directory, 'evenkeel.db'), 'x'.repeat(10_000));
  const error = faultOf((sqlite) => sqlite.exec('CREATE TABLE rows(text TEXT)'));
  expect(storeFaultText(directory, error)).toBe(
    `${directory}/evenkeel.db is damaged (file is not a database): restore the whole directory from a backup`,
  );
});

test('a database that somebody else has locked is named, and no backup', () => {
  const file = join(directory, 'evenkeel.db');
  using other = new DatabaseSync(file);
  other.exec('BEGIN EXCLUSIVE');
  const { message } = openFault(
    file,
    faultOf((sqlite) => sqlite.exec('CREATE TABLE rows(text TEXT)')),
  );
  expect(message).toBe(
    `${file} cannot be opened (Error: database is locked): another program works on it. End that, then start again`,
  );
});

test('anything else is told as it is', () => {
  const text = storeFaultText(directory, new Error('EIO: i/o error, fdatasync'));
  expect(text).toBe(
    `the store in ${directory} failed (EIO: i/o error, fdatasync): see to its disk, then start again`,
  );
});
