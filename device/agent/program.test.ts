import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { portOf } from '#shared/program/port-of.ts';

let directory: string;
let started: ChildProcess[] = [];
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'evenkeel-agent-'));
});
afterEach(async () => {
  const running = started.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
  await Promise.all(running.map((child) => child.kill('SIGKILL') && once(child, 'exit')));
  started = [];
  rmSync(directory, { recursive: true });
});

function fileOf(name: string, text: string): string {
  const file = path.join(directory, name);
  writeFileSync(file, text);
  return file;
}

/** A device in the directory of the test, whose broker is on that port. */
function startAgent(port: number) {
  const { publicKey } = generateKeyPairSync('ed25519');
  const trust = fileOf('trust.pem', publicKey.export({ type: 'spki', format: 'pem' }).toString());
  const none = fileOf('none.pem', '');
  const child = spawn(process.execPath, [
    ...['--disable-warning=ExperimentalWarning', path.join(import.meta.dirname, 'main.ts')],
    ...['--dir', path.join(directory, 'device'), '--host', '127.0.0.1', '--port', String(port)],
    ...['--thing', 'acme:cam-1', '--product', 'cam', '--hardware', 'rev-b', '--trust', trust],
    ...['--cert', none, '--key', none, '--ca', none, '--image', fileOf('image', 'x'), '--version', '1.0.0'],
    ...['--interval', '1'],
  ]);
  started.push(child);
  let text = '';
  child.stderr.on('data', (bytes) => {
    text += String(bytes);
  });
  return { child, ended: once(child, 'exit'), told: () => text };
}

test('a device goes on when nobody reads any more what it says', async () => {
  const deaf = createServer((socket) => socket.destroy());
  await once(deaf.listen(0, '127.0.0.1'), 'listening');
  const { child, ended } = startAgent(portOf(deaf));
  const said = once(child.stdout, 'data');
  // Its pipe is closed from this end after the first line; each check says another.
  await said;
  child.stdout.destroy();
  child.stderr.destroy();
  for (let tries = 0; tries < 4; tries += 1) {
    await Promise.race([once(deaf, 'connection'), ended.then(([code]) => expect(code).toBe('never'))]);
  }
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  deaf.close();
});

test('one ctrl-c that a launcher passes on, too, stops a device in order', async () => {
  const { child, ended } = startAgent(1);
  await once(child.stdout, 'data');
  // Its stop is over within a millisecond or two: told again and again it hears one meanwhile, and none so late that it is a second wish.
  const note = path.join(directory, 'device/stopped');
  const untilMs = performance.now() + 100;
  while (performance.now() < untilMs && !existsSync(note)) {
    child.kill('SIGINT');
    await new Promise(setImmediate);
  }
  expect(await ended).toEqual([0, null]);
  expect(existsSync(note)).toBe(true);
}, 60_000);

test('one directory is of one process, until that ends in whatever way', async () => {
  const first = startAgent(1);
  await once(first.child.stdout, 'data');
  const second = startAgent(1);
  expect(await second.ended).toEqual([2, null]);
  expect(second.told()).toMatch(/^agent: another process uses .*: stop it first, or name another\n$/);
  first.child.kill('SIGKILL');
  expect(await first.ended).toEqual([null, 'SIGKILL']);
  const third = startAgent(1);
  await once(third.child.stdout, 'data');
  third.child.kill('SIGTERM');
  expect(await third.ended).toEqual([0, null]);
}, 60_000);

/** Puts an image on trial in the second slot of the device, as if it had been installed and booted. */
function putOnTrial(): void {
  const image = '2.0.0';
  fileOf('device/slot-b', image);
  const sha256 = createHash('sha256').update(image).digest('hex');
  const slots = { a: { version: '1.0.0', sequence: 0 }, b: { version: image, sequence: 1, sha256 } };
  fileOf('device/boot.json', JSON.stringify({ active: 'b', slots, trial: true }));
}

/** What a device says that it runs as it starts. */
async function versionAtStart({ child }: ReturnType<typeof startAgent>): Promise<string> {
  const [bytes] = await once(child.stdout, 'data');
  const [first = ''] = String(bytes).split('\n');
  return JSON.parse(first).image.version;
}

/** Where nothing says whether the machine has booted since, each start is a boot. */
const WITHIN_A_BOOT = existsSync('/proc/sys/kernel/random/boot_id') ? '2.0.0' : '1.0.0';

test.each([
  ['was told to stop and starts again goes on with what is on trial', 'SIGTERM', WITHIN_A_BOOT],
  ['died and starts again gives up what is on trial, as a boot loader does', 'SIGKILL', '1.0.0'],
] as const)(
  'a device that %s',
  async (_, signal, version) => {
    const first = startAgent(1);
    expect(await versionAtStart(first)).toBe('1.0.0');
    first.child.kill(signal);
    await first.ended;
    putOnTrial();
    const second = startAgent(1);
    expect(await versionAtStart(second)).toBe(version);
  },
  60_000,
);

test('what a stop has left is good for one start, and not for a machine that has booted since', async () => {
  const first = startAgent(1);
  await versionAtStart(first);
  first.child.kill('SIGTERM');
  await first.ended;
  fileOf('device/stopped', 'another boot of the machine');
  putOnTrial();
  const second = startAgent(1);
  expect(await versionAtStart(second)).toBe('1.0.0');
  second.child.kill('SIGKILL');
  await second.ended;
  putOnTrial();
  const third = startAgent(1);
  expect(await versionAtStart(third)).toBe('1.0.0');
}, 60_000);
