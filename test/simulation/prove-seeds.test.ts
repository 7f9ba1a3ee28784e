import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, watch } from 'node:fs';
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

function simulate(state: string) {
  const args = ['--seeds', '4', '--jobs', '2', '--state', fileOf(state)];
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

test('a run that was killed goes on where it was, and comes to what one in a single piece comes to', async () => {
  const [wholly] = await once(simulate('whole.json'), 'exit');
  expect(wholly).toBe(0);

  const killed = simulate('pieces.json');
  const watcher = watch(directory, (_event, name) => {
    if (name === 'pieces.json') killed.kill('SIGKILL');
  });
  const [, signal] = await once(killed, 'exit');
  watcher.close();
  expect(signal).toBe('SIGKILL');
  const { next } = kept('pieces.json');
  expect(next).toBeGreaterThan(1);
  expect(next).toBeLessThan(5);

  const again = simulate('pieces.json');
  let said = '';
  again.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const [code] = await once(again, 'exit');
  expect(code).toBe(0);
  expect(said).toContain(`going on from seed ${next}`);
  expect(kept('pieces.json')).toEqual(kept('whole.json'));
}, 300_000);
