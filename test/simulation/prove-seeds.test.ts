import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

const MAIN = path.join(import.meta.dirname, 'main.ts');

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'evenkeel-seeds-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const fileOf = (name: string): string => path.join(directory, name);
const kept = (name: string) => JSON.parse(readFileSync(fileOf(name), 'utf8'));

/** Loaded before the program: it is killed once it has kept how far it is, however slow is who would do that from outside. */
const KILLED = `data:text/javascript,${[
  "import fs from 'node:fs'",
  "import { syncBuiltinESMExports } from 'node:module'",
  'const { renameSync } = fs',
  "fs.renameSync = (...names) => { renameSync(...names); process.kill(process.pid, 'SIGKILL') }",
  'syncBuiltinESMExports()',
].join(';')}`;

function simulate(state: string, ...nodeArgs: readonly string[]) {
  const args = ['--seeds', '4', '--jobs', '2', '--state', fileOf(state)];
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...nodeArgs, MAIN, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

test('a run that was killed goes on where it was, and comes to what one in a single piece comes to', async () => {
  const [wholly] = await once(simulate('whole.json'), 'exit');
  expect(wholly).toBe(0);

  const [, signal] = await once(simulate('pieces.json', '--import', KILLED), 'exit');
  expect(signal).toBe('SIGKILL');
  const { next } = kept('pieces.json');
  expect(next).toBe(2);

  const again = simulate('pieces.json');
  let said = '';
  again.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const [code] = await once(again, 'close');
  expect(code).toBe(0);
  expect(said).toContain(`going on from seed ${next}`);
  expect(kept('pieces.json')).toEqual(kept('whole.json'));
}, 300_000);
