import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'evenkeel-programs-'));
  writeFileSync(path.join(directory, 'empty'), '');
});
afterAll(() => rmSync(directory, { recursive: true }));

function run(program: 'agent' | 'fleet', given: readonly string[]) {
  const main = path.join(import.meta.dirname, program, 'main.ts');
  const args = ['--disable-warning=ExperimentalWarning', main, ...given];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: directory, encoding: 'utf8' });
  return { status, stdout, stderr };
}

const AGENT = ['--dir', 'x', '--host', 'localhost', '--thing', 'demo:x', '--product', 'cam'];

describe('a program of devices ends with 2 and one line that names what is wrong:', () => {
  test.each<['agent' | 'fleet', readonly string[], string]>([
    ['agent', [], '--dir is missing; see --help'],
    ['agent', ['--bogus'], "Unknown option '--bogus'"],
    ['agent', [...AGENT.slice(0, 4), '--port', '99999'], '--port must be a whole number from 1 to 65535'],
    ['agent', [...AGENT.slice(0, 4), '--thing', 'x'], '--thing must be <tenant>:<deviceId>'],
    ['agent', [...AGENT, '--hardware', 'Rev B'], '--hardware must be 1 to 32 of a-z, 0-9, ., _ and -'],
    [
      'agent',
      [...AGENT, '--hardware', 'b', '--version', '1', '--cert', 'nowhere'],
      '--cert: nowhere cannot be read',
    ],
    ['fleet', [], '--keys is missing; see --help'],
    ['fleet', ['--keys', 'empty'], 'empty holds no key in PEM'],
  ])('%s %j', (program, given, what) => {
    expect(run(program, given)).toEqual({ status: 2, stdout: '', stderr: `${program}: ${what}\n` });
  });

  test.each(['agent', 'fleet'] as const)('%s tells with --help what it ends with', (program) => {
    const { status, stdout } = run(program, ['--help']);
    expect({ status, stdout }).toMatchObject({ status: 0, stdout: expect.stringContaining('Exit codes:') });
  });
});
