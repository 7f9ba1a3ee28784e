import { expect, test } from '@jest/globals';
import { Database } from '#host/store/database.ts';
import { TurningWorld } from '#host/testing/turning-world.ts';
import { MemoryDatabase } from './memory-database.ts';

function connected(disk: MemoryDatabase, world: TurningWorld) {
  const database = new Database({
    memory: disk.connect(),
    world,
    onFatal: (error) => expect(error).toBeUndefined(),
  });
  database.define('CREATE TABLE IF NOT EXISTS things(n INTEGER PRIMARY KEY)');
  const insert = database.prepare('INSERT INTO things VALUES (?)');
  const select = database.prepare<[number]>('SELECT n FROM things');
  return {
    add: (n: number) => database.write(() => insert.run(n)),
    committed: () => database.committed(),
    read: () => select.all().flat(),
    crash: () => database.crash(),
  };
}

test('a store that crashes leaves what it has committed, and does nothing any more', async () => {
  const [disk, world] = [MemoryDatabase.take(), new TurningWorld()];
  const first = connected(disk, world);
  first.add(1);
  await first.committed();
  first.add(2);
  expect(first.read()).toEqual([1, 2]);
  first.crash();
  const second = connected(disk, world);
  expect(second.read()).toEqual([1]);
  expect(() => first.read()).toThrow('is not open');
  expect(() => first.add(3)).toThrow('no more calls');
  expect(second.read()).toEqual([1]);
  second.crash();
  disk.giveBack();
});

test('a disk that is taken again is empty', async () => {
  const [disk, world] = [MemoryDatabase.take(), new TurningWorld()];
  const store = connected(disk, world);
  store.add(1);
  await store.committed();
  store.crash();
  disk.giveBack();
  const again = MemoryDatabase.take();
  expect(again).toBe(disk);
  expect(connected(again, world).read()).toEqual([]);
});
