import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { allPages, itemAt } from '#shared/capabilities/conformance/table-subject.ts';
import type { Table } from '#shared/capabilities/table.ts';
import { TurningWorld } from '../testing/turning-world.ts';
import { EmbeddedStore } from './embedded-store.ts';

const WRITER = join(import.meta.dirname, '../testing/acknowledging-writer.ts');

let directory: string;
let writer: ChildProcess | undefined;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'evenkeel-durability-'));
});
afterEach(() => {
  writer?.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

/** Lets a process write from `first` on and kills it, without warning, once it has acknowledged `count` writes. */
async function acknowledgedBeforeKill(
  writes: { readonly flushes: string; readonly fillBytes: number },
  first: number,
  count: number,
): Promise<string[]> {
  const { flushes, fillBytes } = writes;
  const child = spawn(process.execPath, [WRITER, directory, `${first}`, flushes, `${fillBytes}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  writer = child;
  const acknowledged: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(line);
    if (acknowledged.length === count) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  expect(child.signalCode).toBe('SIGKILL');
  return acknowledged;
}

function lost(acknowledged: readonly string[], found: readonly string[]): string[] {
  const there = new Set(found);
  return acknowledged.filter((number) => !there.has(number));
}

test.each([
  { flushes: 'beside', fillBytes: 0 },
  { flushes: 'in-turn', fillBytes: 0 },
  // Some 90 MB: the log is moved into the file again and again meanwhile.
  { flushes: 'beside', fillBytes: 30_000 },
])(
  'has after SIGKILL everything that was acknowledged, each transaction whole, time after time (flushes: $flushes, $fillBytes bytes a row)',
  async (writes) => {
    const acknowledged: string[] = [];
    for (const [round, count] of [1, 150, 777].entries()) {
      acknowledged.push(...(await acknowledgedBeforeKill(writes, round * 1_000_000, count)));

      const onFatal = (error: unknown) => {
        throw error;
      };
      const store = new EmbeddedStore({ directory, world: new TurningWorld(), onFatal });
      const table = store.table({ name: 'rows', stream: true });
      const rows = (await allPages(table, { partition: 'row', limit: 10_000 })).map(({ sk }) => String(sk));
      const messages = await store.queue({ name: 'messages' }).receive(1_000_000, 30);
      expect(lost(acknowledged, rows)).toEqual([]);
      expect(
        lost(
          acknowledged,
          messages.map(({ body }) => body),
        ),
      ).toEqual([]);
      expect(await itemAt(table, 'counter', 'all')).toMatchObject({ count: rows.length });
      expect(table.changes?.read(0, 1_000_000)).toHaveLength(2 * rows.length);
      store.close();
    }
    expect(acknowledged.length).toBeGreaterThanOrEqual(928);
  },
);

test('what nobody is told of holds up nothing that leaves, and is on disk all the same when its writer is told', async () => {
  const world = new TurningWorld();
  const store = new EmbeddedStore({
    directory,
    world,
    flushesBeside: true,
    onFatal: (error) => {
      throw error;
    },
  });
  const [own, told] = [store.table({ name: 'own', aside: true }), store.table({ name: 'told' })];
  await store.committed();
  const put = (table: Table, pk: string) => table.write({ put: { pk, sk: 'own' } });
  let hasTurned = false;
  setImmediate(() => {
    hasTurned = true;
  });
  const kept = put(own, 'alone');
  await store.committed();
  expect(hasTurned).toBe(false);
  await kept;
  void put(own, 'in company');
  void put(told, 'told');
  await store.committed();
  store.crash();
  const again = new EmbeddedStore({ directory, world, onFatal: () => undefined });
  const [ownAgain, toldAgain] = [again.table({ name: 'own' }), again.table({ name: 'told' })];
  for (const pk of ['alone', 'in company']) expect(await itemAt(ownAgain, pk, 'own')).toBeDefined();
  expect(await itemAt(toldAgain, 'told', 'own')).toBeDefined();
  again.close();
});
