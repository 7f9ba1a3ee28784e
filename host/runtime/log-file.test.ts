import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { VirtualWorld } from '#shared/world/virtual-world.ts';
import { LogFile } from './log-file.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'evenkeel-log-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const read = (name: string) => readFileSync(path.join(directory, name), 'utf8');

const sizeOf = (name: string): number => statSync(path.join(directory, name)).size;

/** Lets the log write, and waits until that is so: files take real time. The deadline is the test's own. */
async function flushed(world: VirtualWorld, isSo: () => boolean): Promise<void> {
  await world.advance(200);
  while (!isSo()) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    // What came while a write was under way is written after it, a while later.
    await world.advance(200);
  }
}

describe('the log file', () => {
  it('has every line in order, also of an earlier process, and is nobody else to read', async () => {
    const world = new VirtualWorld();
    const first = new LogFile(directory, world);
    first.write('one');
    await flushed(world, () => read('host.log') === 'one\n');
    first.write('two');
    first.close();
    const second = new LogFile(directory, world);
    second.write('three');
    second.close();
    expect(read('host.log')).toBe('one\ntwo\nthree\n');
    expect((statSync(path.join(directory, 'host.log')).mode & 0o777).toString(8)).toBe('600');
  });

  it('begins a new file after 8 MB and keeps eight of them', async () => {
    const world = new VirtualWorld();
    const log = new LogFile(directory, world);
    const line = 'x'.repeat(2_999_997);
    for (let file = 0; file < 10; file++) {
      for (const sizeBytes of [3_000_000, 6_000_000, 0]) {
        log.write(`${file} ${line}`);
        await flushed(world, () => sizeOf('host.log') === sizeBytes);
      }
    }
    log.close();
    const names = readdirSync(directory).sort();
    expect(names).toEqual([...Array.from({ length: 7 }, (_, n) => `host.${n + 1}.log`), 'host.log']);
    expect(read('host.1.log').startsWith('9 ')).toBe(true);
  });

  it('goes on in the old file when no new one can be made, and in a new one as soon as it can', async () => {
    const world = new VirtualWorld();
    const log = new LogFile(directory, world);
    const old = path.join(directory, 'host.log');
    renameSync(directory, `${directory}.away`);
    log.write('x'.repeat(9_000_000));
    await world.advance(200);
    const away = path.join(`${directory}.away`, 'host.log');
    while (statSync(away).size < 9_000_000) await new Promise((resolve) => setTimeout(resolve, 2));
    log.write('still here');
    await flushed(world, () => readFileSync(away, 'utf8').includes('still here'));
    renameSync(`${directory}.away`, directory);
    log.write('x'.repeat(9_000_000));
    await flushed(world, () => existsSync(`${old.slice(0, -4)}.1.log`) && sizeOf('host.log') === 0);
    log.close();
  });

  it('says how many lines a disk that took nothing has cost, once one takes them again', async () => {
    const world = new VirtualWorld();
    // Each write to it fails as on a full disk (full(4)).
    symlinkSync('/dev/full', path.join(directory, 'host.log'));
    const log = new LogFile(directory, world);
    // As much as a file holds: the next one is where lines are taken again.
    for (const line of ['one', 'two', 'three', 'x'.repeat(9_000_000)]) log.write(line);
    await flushed(world, () => existsSync(path.join(directory, 'host.1.log')));
    log.write('here again');
    await flushed(world, () => sizeOf('host.log') > 0);
    expect(read('host.log')).toBe('here again\n{"level":"WARN","message":"4 log lines left out"}\n');
    log.close();
  });

  it('leaves lines out when they come faster than the disk takes them, and says how many', async () => {
    const world = new VirtualWorld();
    const log = new LogFile(directory, world);
    for (let n = 0; n < 10; n++) log.write('x'.repeat(1_000_000));
    await flushed(world, () => sizeOf('host.log') > 5_000_000);
    expect(read('host.log')).toContain('"5 log lines left out"');
    log.close();
  });
});
