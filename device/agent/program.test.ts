import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { portOf } from '#shared/program/port-of.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'evenkeel-agent-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

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
