import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

let directory: string;
beforeAll(() => {
  directory = realpathSync(mkdtempSync(path.join(tmpdir(), 'evenkeel-programs-')));
  mkdirSync(path.join(directory, 'torn'));
  const keyPem = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();
  const files = {
    empty: '',
    'rsa.pem': keyPem(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey),
    'trust.pem': keyPem(generateKeyPairSync('ed25519').publicKey),
    'torn.pem': '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n',
    'torn/boot.json': '{"active":',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(directory, name), text);
});
afterAll(() => rmSync(directory, { recursive: true }));

function run(program: 'agent' | 'fleet', given: readonly string[]) {
  const main = path.join(import.meta.dirname, program, 'main.ts');
  const args = ['--disable-warning=ExperimentalWarning', main, ...given];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: directory, encoding: 'utf8' });
  return { status, stdout, stderr: stderr.replaceAll(directory, 'DIR') };
}

const AGENT = ['--dir', 'x', '--host', 'localhost', '--thing', 'demo:x', '--product', 'cam'];
const GIVEN = [
  ...[...AGENT, '--hardware', 'b', '--version', '1', '--cert', 'empty', '--key', 'empty', '--ca', 'empty'],
];

describe('a program of devices ends with 2 and one line that names what is wrong:', () => {
  test.each<['agent' | 'fleet', readonly string[], string]>([
    ['agent', [], '--dir is missing; see --help'],
    ['agent', ['--bogus'], "Unknown option '--bogus'; see --help"],
    ['agent', [...AGENT.slice(0, 4), '--port', '99999'], '--port must be a whole number from 1 to 65535'],
    ['agent', [...AGENT.slice(0, 4), '--thing', 'x'], '--thing must be <tenant>:<deviceId>'],
    ['agent', [...AGENT, '--hardware', 'Rev B'], '--hardware must be 1 to 32 of a-z, 0-9, ., _ and -'],
    [
      'agent',
      [...AGENT, '--hardware', 'b', '--version', '1', '--cert', 'nowhere'],
      '--cert: nowhere cannot be read',
    ],
    ['agent', [...GIVEN, '--trust', 'rsa.pem'], 'rsa.pem holds a key that is not Ed25519'],
    ['agent', [...GIVEN, '--trust', 'torn.pem'], 'torn.pem holds a key that is not Ed25519'],
    ['agent', [...GIVEN, '--trust', 'trust.pem', '--image', '.'], '--image: . is a folder'],
    [
      'agent',
      [...GIVEN, '--trust', 'trust.pem', '--image', 'empty', '--key', 'trust.pem'],
      '--cert, --key and --ca: error:1E08010C:DECODER routines::unsupported',
    ],
    [
      'agent',
      [...GIVEN, '--trust', 'trust.pem', '--image', 'empty', '--dir', 'empty/x'],
      "--dir: DIR/empty/x cannot be made: ENOTDIR: not a directory, mkdir 'DIR/empty/x'",
    ],
    [
      'agent',
      [...GIVEN, '--trust', 'trust.pem', '--image', 'empty', '--dir', 'torn'],
      'DIR/torn/boot.json cannot be understood: without it the device is a new one',
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
