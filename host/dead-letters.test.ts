import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { realWorld } from '#shared/world/real-world.ts';
import { HostProcess } from './host-process.ts';
import { EmbeddedStore } from './store/embedded-store.ts';
import { startServedHost } from './testing/served-host.ts';

const PROGRAM = path.join(import.meta.dirname, 'dead-letters.ts');
const WORK = 'evenkeel-home-report-log';
const DEAD = { name: `${WORK}-dead` };
const DELIVERED = { name: WORK, redrive: { deadLetterQueue: DEAD.name, maxReceiveCount: 1 } };

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'evenkeel-letters-'));
});
afterEach(() => rm(directory, { recursive: true }));

/** Opens the host's store as long as `use` takes. */
async function withStore<T>(use: (store: EmbeddedStore) => Promise<T>): Promise<T> {
  const onFatal = (error: unknown) => {
    throw error;
  };
  const store = new EmbeddedStore({ directory, world: realWorld, onFatal });
  try {
    return await use(store);
  } finally {
    store.close();
  }
}

/** Leaves a letter that a queue delivered in vain, and one that somebody put there. */
const leaveLetters = () =>
  withStore(async (store) => {
    const dead = store.queue(DEAD);
    const work = store.queue(DELIVERED);
    await work.send([{ body: 'in vain' }]);
    const [first] = await work.receive(1, 1);
    await work.release([first?.receiptHandle ?? ''], 0);
    await work.receive(1, 1);
    await dead.send([{ body: 'from elsewhere' }]);
  });

async function run(...args: readonly string[]): Promise<string> {
  const options = ['--disable-warning=ExperimentalWarning', PROGRAM, '--data', directory, ...args];
  const { stdout } = await promisify(execFile)(process.execPath, options);
  return stdout;
}

describe('dead letters', () => {
  test('are listed by queue, and shown', async () => {
    await leaveLetters();
    const listed = JSON.parse(await run('--json'));
    expect(listed.find(({ queue }: { queue: string }) => queue === 'report-log-dead')).toMatchObject({
      letters: 2,
      oldestSentAt: expect.stringMatching(/Z$/),
    });
    expect(listed.filter(({ letters }: { letters: number }) => letters > 0)).toHaveLength(1);
    expect(await run()).toMatch(/^report-log-dead +2 {2}\d{4}-/m);
    const shown = (await run('--show', 'report-log-dead')).trim().split('\n');
    expect(shown.map((line) => JSON.parse(line).body)).toEqual(['in vain', 'from elsewhere']);
  });

  test('go back where they came from, and the others stay', async () => {
    await leaveLetters();
    expect(await run('--redrive', 'report-log-dead')).toContain('report-log-dead: 1 sent back;');
    const bodies = await withStore(async (store) => {
      const dead = await store.queue(DEAD).receive(10, 1);
      const work = await store.queue(DELIVERED).receive(10, 1);
      return { dead: dead.map(({ body }) => body), work: work.map(({ body }) => body) };
    });
    expect(bodies).toEqual({ dead: ['from elsewhere'], work: ['in vain'] });
  });

  test('that have no queue to go back to are told of, and are no success where nothing else was there', async () => {
    await leaveLetters();
    const stay =
      '1 stay: they have no queue to go back to; look at them with --show report-log-dead, and see "Dead-letter queues" in docs/operations.md\n';
    expect(await run('--redrive', 'report-log-dead')).toBe(
      `report-log-dead: 1 sent back; npm start delivers what was sent back\nreport-log-dead: ${stay}`,
    );
    await expect(run('--redrive', 'report-log-dead')).rejects.toMatchObject({
      code: 1,
      stdout: `report-log-dead: ${stay}`,
    });
  });

  test('are removed one by one, each printed, and the others stay', async () => {
    await leaveLetters();
    const ids = (await run('--show', 'report-log-dead'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).messageId);
    const [inVain = '', elsewhere = ''] = ids;
    const remove = (...words: readonly string[]) => run('--remove', 'report-log-dead', ...words);
    await expect(remove()).rejects.toThrow(/--letter ID go together/);
    await expect(remove('--letter', 'all')).rejects.toThrow(/must be a messageId/);
    await expect(remove('--letter', '17')).rejects.toMatchObject({
      code: 1,
      stderr: 'report-log-dead: 0 removed\nreport-log-dead: 17 is not there\n',
    });
    await withStore(async () => {
      await expect(remove('--letter', inVain)).rejects.toThrow(/another process uses .*: stop it first/);
    });
    expect(JSON.parse(await remove('--letter', elsewhere))).toMatchObject({ body: 'from elsewhere' });
    expect((await run('--show', 'report-log-dead')).trim().split('\n')).toEqual([
      expect.stringContaining('"body":"in vain"'),
    ]);
    expect(JSON.parse(await remove('--letter', inVain))).toMatchObject({ body: 'in vain' });
    expect(await run('--redrive', 'report-log-dead')).toBe('report-log-dead: no letters\n');
  });

  test('of a queue that has none are nothing to send back, and no failure', async () => {
    await leaveLetters();
    expect(await run('--redrive', 'reports-dead')).toBe('reports-dead: no letters\n');
  });

  test('of a queue that is not there are refused, with the names of those that are', async () => {
    await expect(run('--redrive', 'nonsense')).rejects.toThrow(/nonsense; there are .*report-log-dead/);
  });

  test('are listed and shown beside a host that runs, and sent back only once it is stopped', async () => {
    await leaveLetters();
    await withStore(async () => {
      expect(await run()).toMatch(/^report-log-dead +2 /m);
      expect((await run('--show', 'report-log-dead')).trim().split('\n')).toHaveLength(2);
      await expect(run('--redrive', 'report-log-dead')).rejects.toThrow(
        /another process uses .*: stop it first/,
      );
    });
    expect(await run('--redrive', 'report-log-dead')).toContain('report-log-dead: 1 sent back;');
  });
});

describe('dead letters of a host that was killed', () => {
  beforeEach(async () => {
    await (await HostProcess.start(directory)).kill();
  });
  const warningsOfStart = async () => {
    const host = await startServedHost({ directory });
    await host.stop({ keep: true });
    return host.serving.warnings;
  };
  const leftOpen = async () =>
    (await readdir(directory)).filter((name) => /^host.json|-(wal|shm)$/.test(name));

  test('go back and are listed, and the next start has nothing to refuse or to warn of', async () => {
    expect(await leftOpen()).toEqual(['evenkeel.db-shm', 'evenkeel.db-wal', 'host.json']);
    await run();
    expect(await leftOpen()).toEqual(['evenkeel.db-shm', 'evenkeel.db-wal', 'host.json']);
    await run('--redrive', 'report-log-dead');
    expect(await leftOpen()).toEqual([]);
    await run();
    expect(await leftOpen()).toEqual([]);
    expect(await warningsOfStart()).toEqual([]);
  });

  test('are listed where its log was put in order, and the next start warns as it did before', async () => {
    await withStore(async () => undefined);
    expect(await leftOpen()).toEqual(['host.json']);
    await run();
    expect(await warningsOfStart()).toEqual([expect.stringContaining('has not ended in order')]);
  });

  test('do not go back without its log, nor does a start take what they left for a log', async () => {
    await rm(path.join(directory, 'evenkeel.db-wal'));
    const refusal = /evenkeel.db-wal is missing or empty/;
    await expect(run('--redrive', 'report-log-dead')).rejects.toThrow(refusal);
    await run();
    await expect(run('--redrive', 'report-log-dead')).rejects.toThrow(refusal);
    await expect(warningsOfStart()).rejects.toThrow(refusal);
  });

  test('do not go back into a new database', async () => {
    for (const name of ['evenkeel.db', 'evenkeel.db-wal', 'evenkeel.db-shm'])
      await rm(path.join(directory, name));
    await expect(run('--redrive', 'report-log-dead')).rejects.toThrow(
      /every device and rollout would be forgotten/,
    );
    expect(await readdir(directory)).not.toContain('evenkeel.db');
  });
});
