import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import middy from '@middy/core';
import { spreadOf } from '../measure/quantiles.ts';
import type { BenchRun, Figure } from './bench-run.ts';

const TIMES = 5;
const COMMITS = 500;
const CALLS = 20_000;
const ROW = 'x'.repeat(400);

/** What the machine itself can do at this moment: other figures may be read as ratios to these. */
export async function benchBaseline(run: BenchRun): Promise<Figure[]> {
  run.progress('commits, reads and empty calls of this machine');
  const directory = await mkdtemp(path.join(run.parent, 'evenkeel-baseline-'));
  const database = new DatabaseSync(path.join(directory, 'baseline.db'));
  try {
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA locking_mode = EXCLUSIVE;
      CREATE TABLE rows(id TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID`);
    const put = database.prepare('INSERT OR REPLACE INTO rows VALUES (?, ?)');
    const get = database.prepare('SELECT text FROM rows WHERE id = ?');
    const chain = middy().handler(async () => undefined);
    const commits = await rates(COMMITS, (at) => void put.run(`row-${at}`, ROW));
    const reads = await rates(CALLS, (at) => void get.get(`row-${at % COMMITS}`));
    const calls = await rates(CALLS, () => chain({}, {} as never) as Promise<unknown>);
    return [
      { name: 'raw sqlite: durable commits of one row', unit: '/s', ...spreadOf(commits) },
      { name: 'raw sqlite: reads of one row', unit: '/s', ...spreadOf(reads) },
      { name: 'an empty Middy chain', unit: '/s', ...spreadOf(calls) },
    ];
  } finally {
    database.close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function rates(times: number, one: (at: number) => unknown): Promise<number[]> {
  const perSecond: number[] = [];
  for (let time = 0; time < TIMES; time += 1) {
    const fromMs = performance.now();
    for (let at = 0; at < times; at += 1) await one(at);
    perSecond.push((times * 1000) / (performance.now() - fromMs));
  }
  return perSecond;
}
