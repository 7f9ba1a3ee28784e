import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
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

/** Until the file has been written, which takes real time. */
async function flushed(world: VirtualWorld): Promise<void> {
  await world.advance(200);
  await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('the log file', () => {
  it('has every line in order, also of an earlier process, and is nobody else to read', async () => {
    const world = new VirtualWorld();
    const first = new LogFile(directory, world);
    first.write('one');
    await flushed(world);
    expect(read('host.log')).toBe('one\n');
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
    for (let file = 0; file < 10; file++) {
      for (let part = 0; part < 3; part++) {
        log.write(`${file} ${'x'.repeat(3_000_000)}`);
        await flushed(world);
      }
    }
    log.close();
    const names = readdirSync(directory).sort();
    expect(names).toEqual([...Array.from({ length: 7 }, (_, n) => `host.${n + 1}.log`), 'host.log']);
    expect(read('host.1.log').startsWith('9 ')).toBe(true);
  });

  it('leaves lines out when they come faster than the disk takes them, and says how many', async () => {
    const world = new VirtualWorld();
    const log = new LogFile(directory, world);
    for (let n = 0; n < 10; n++) log.write('x'.repeat(1_000_000));
    await flushed(world);
    expect(read('host.log')).toContain('"5 log lines left out"');
    log.close();
  });
});
