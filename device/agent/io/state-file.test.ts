import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Kept, NOTHING_KEPT } from '../kept.ts';
import { ATTEMPT, NEW_DIGEST, ROLLOUT } from '../testing/bench.ts';
import { StateFile } from './state-file.ts';

const KEPT: Kept = {
  v: 1,
  floor: 4,
  attempt: {
    rollout: ROLLOUT,
    attempt: ATTEMPT,
    release: 'cam/1.1.0',
    hardware: 'cam-rev-b',
    version: '1.1.0',
    sha256: NEW_DIGEST,
    state: 'installing',
    seq: 1,
    events: [{ seq: 1, state: 'installing', uptimeMs: 5, bootId: 'boot-0001' }],
  },
};

describe.each([[true], [false]])('the state of a device on disk (durable: %s)', (durable) => {
  let directory: string;
  let file: string;
  const store = () => new StateFile(file, { durable });

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'evenkeel-state-'));
    file = path.join(directory, 'state.json');
  });
  afterEach(() => rm(directory, { recursive: true }));

  test('is nothing before anything was kept, and then what was kept last', async () => {
    expect(await store().load()).toEqual(NOTHING_KEPT);
    await store().save(KEPT);
    await store().save({ ...KEPT, floor: 5 });
    expect(await store().load()).toEqual({ ...KEPT, floor: 5 });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(directory)).toEqual(['state.json']);
  });

  test('that a newer image wrote, which was given up, is read as far as it is known', async () => {
    const newer = { ...KEPT, attempt: { ...KEPT.attempt, slot: 'b' }, mood: 'hopeful' };
    await writeFile(file, JSON.stringify(newer));
    expect(await store().load()).toEqual(KEPT);
  });

  test.each([
    ['cut short', JSON.stringify(KEPT).slice(0, 60)],
    ['empty', ''],
    ['of another shape', '{"v":1,"floor":-1}'],
    ['far too long', JSON.stringify({ ...KEPT, padding: 'x'.repeat(70_000) })],
  ])('that is %s is put aside, and the device begins anew', async (_, text) => {
    await writeFile(file, text);
    expect(await store().load()).toEqual(NOTHING_KEPT);
    expect(await readFile(`${file}.corrupt`, 'utf8')).toBe(text);
    await store().save(KEPT);
    expect(await store().load()).toEqual(KEPT);
  });
});
