import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { HostProcess } from '#host/host-process.ts';
import { RolloutView } from '#shared/contracts/api/rollouts.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const CLI = `"${process.execPath}" --disable-warning=ExperimentalWarning "${path.join(ROOT, 'cli/main.ts')}"`;
/** A dozen processes one after the other, on a machine that has other work. */
const PATIENCE_MS = 300_000;
const DOCUMENT = {
  release: 'cam/2.0.0',
  selector: 'all',
  stages: [{ name: 'all', percent: '100%' }],
  settle: '1s',
};

/** The pipeline of docs/operations.md, on a host of its own and the command line as a process for each command. */
describe('the pipeline of the document', () => {
  let host: HostProcess;
  let folder: string;
  let env: NodeJS.ProcessEnv;

  const run = (file: string, ...args: string[]) =>
    promisify(execFile)(file, args, { cwd: folder, env }).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
    );
  const evenkeel = (...args: string[]) => run(path.join(folder, 'bin/npx'), 'evenkeel', ...args);
  const program = (name: string, lines: readonly string[]) =>
    writeFile(path.join(folder, 'bin', name), ['#!/bin/sh', ...lines, ''].join('\n'), { mode: 0o755 });
  const pipeline = () => run('bash', 'update.sh', 'cam.bin', '2.0.0', 'rollout.yaml');
  const views = async () =>
    (await readFile(path.join(folder, 'views.jsonl'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => RolloutView.parse(JSON.parse(line)));

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'evenkeel-e2e-pipeline-'));
    host = await HostProcess.start(path.join(folder, 'data'));
    await mkdir(path.join(folder, 'bin'));
    env = {
      PATH: `${path.join(folder, 'bin')}:${path.dirname(process.execPath)}:${process.env.PATH}`,
      EVENKEEL_CONFIG: path.join(folder, 'targets.json'),
    };
    const operations = await readFile(path.join(ROOT, 'docs/operations.md'), 'utf8');
    const [, script = ''] = /```bash\n([^`]*(?:`[^`]+`[^`]*)*?)```\n/.exec(operations) ?? [];
    await writeFile(path.join(folder, 'update.sh'), script);
    await writeFile(path.join(folder, 'cam.bin'), randomBytes(100_000));
    // The first answer to a launch is lost on its way.
    await program('npx', [
      'shift',
      `case "$*" in *launch*) [ -e lost ] || { touch lost; ${CLI} "$@" > /dev/null; exit 3; };; esac`,
      `exec ${CLI} "$@"`,
    ]);
    await evenkeel('login', '--data', host.directory);
    await evenkeel('product', 'create', 'cam', '--hardware', 'cam-rev-b');
    await evenkeel('key', 'create', '--product', 'cam', '--name', 'main', '--out', 'cam.key.pem');
  }, PATIENCE_MS);
  afterAll(async () => {
    await host.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test(
    'ends with 0 once all is done, though the answer to its launch was lost',
    async () => {
      await writeFile(path.join(folder, 'rollout.yaml'), JSON.stringify(DOCUMENT));
      await program('sleep', ['exit 0']);
      const ran = await pipeline();
      expect(ran).toMatchObject({ code: 0 });
      expect(existsSync(path.join(folder, 'lost'))).toBe(true);
      expect((await views()).at(-1)).toMatchObject({ state: 'completed', counts: { failed: 0 } });
      // Begun again it finds everything done.
      expect(await pipeline()).toMatchObject({ code: 0 });
    },
    PATIENCE_MS,
  );

  test(
    'waits for approvals, and ends with 4 where somebody has aborted what it made',
    async () => {
      await rm(path.join(folder, 'rollout.id'));
      await writeFile(path.join(folder, 'rollout.yaml'), JSON.stringify({ ...DOCUMENT, approvals: 1 }));
      // While it waits, somebody looks at the draft and does not want it.
      await program('sleep', [`${CLI} rollout abort "$(cat rollout.id)" --reason "not now" --json > seen`]);
      expect(await pipeline()).toMatchObject({ code: 4 });
      expect((await views()).at(-1)).toMatchObject({ state: 'aborted', reason: 'not now' });
      expect(await readFile(path.join(folder, 'seen'), 'utf8')).toContain('"missing":1');
    },
    PATIENCE_MS,
  );

  test('ends with the exit code of what was refused', async () => {
    await writeFile(path.join(folder, 'cam.bin'), randomBytes(100_000));
    const ran = await pipeline();
    expect(ran.code).toBe(1);
    expect(JSON.parse(ran.stderr)).toMatchObject({ error: { code: 'wrong-state', field: 'version' } });
  });
});
