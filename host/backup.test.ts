import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { HOST_FILE } from '#shared/contracts/host-file.ts';
import { BACKUP_NOTE, readBackupNote } from './backup/backup-note.ts';
import { PAGE_SIZE_BYTES, pathIn } from './store/open-sqlite.ts';
import { type ServedHost, startServedHost } from './testing/served-host.ts';

const PROGRAM = path.join(import.meta.dirname, 'backup.ts');
const SERVICES = ['rollout-orchestrator', 'firmware-storage'];
/** What is in a data directory and not in a copy. */
const LEFT_OUT = /^(evenkeel\.db-(shm|wal)|evenkeel\.lock(-journal)?|host\.json|logs)$/;
/** So many that what is copied is flushed before it is all. */
const ROWS = 10_000;
/** Each test runs programs, and the machine may have other work. */
const WITHIN_MS = 120_000;

jest.setTimeout(WITHIN_MS);

let host: ServedHost;
let scratch: string;
beforeAll(async () => {
  host = await startServedHost({ services: SERVICES });
  scratch = mkdtempSync(path.join(tmpdir(), 'evenkeel-backups-'));
  const table = host.serving.host.store.table({ name: 'filling' });
  const text = 'x'.repeat(1_900);
  await host.serving.host.buckets
    .of('evenkeel-test-firmware-000000000000-local')
    .bucket.put('kept', Buffer.from('firmware'));
  await table.putAll(Array.from({ length: ROWS }, (_, at) => ({ pk: 'p', sk: `${at}`, text })));
  // The program keeps them in a file; a host of a test does not.
  mkdirSync(path.join(host.directory, 'logs'));
});
afterAll(async () => {
  await host.stop();
  rmSync(scratch, { recursive: true, force: true });
});

const newTarget = (name: string) => path.join(scratch, name);
const unfinished = (name: string) => path.join(scratch, `.${name}.unfinished`);

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

/** Loaded before the program: it gets that signal when it flushes what it has copied so far, however slow is who would send it from outside. */
const interruptedBy = (signal: NodeJS.Signals) =>
  `data:text/javascript,${[
    "import fs from 'node:fs'",
    "import { syncBuiltinESMExports } from 'node:module'",
    'const { fdatasyncSync } = fs',
    `fs.fdatasyncSync = (file) => { fdatasyncSync(file); process.kill(process.pid, '${signal}') }`,
    'syncBuiltinESMExports()',
  ].join(';')}`;

/** The program; under a limit of the size of files where one is named, in kilobytes. */
function begin(
  args: readonly string[],
  { fileKilobytes, nodeArgs = [] }: { fileKilobytes?: number; nodeArgs?: readonly string[] } = {},
): Promise<Ended> {
  const command = [
    ...[process.execPath, '--disable-warning=ExperimentalWarning', ...nodeArgs],
    ...[PROGRAM, ...args],
  ];
  const [file = '', ...rest] =
    fileKilobytes === undefined
      ? command
      : ['bash', '-c', `ulimit -f ${fileKilobytes}; exec "$@"`, 'bash', ...command];
  const child = spawn(file, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, error] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    error += chunk.toString();
  });
  return once(child, 'close').then(([code]) => ({ code, out, error }));
}

const run = (to: string, limits: { fileKilobytes?: number } = {}) =>
  begin(['--data', host.directory, '--to', to, '--json'], limits);

/** Begins a copy and ends it by that signal in the middle. */
const interrupted = (name: string, signal: NodeJS.Signals) =>
  begin(['--data', host.directory, '--to', newTarget(name)], {
    nodeArgs: ['--import', interruptedBy(signal)],
  });

const modeOf = (file: string) => (statSync(file).mode & 0o777).toString(8);

test('copies everything that a host keeps while it serves, with the modes of secrets, and says what', async () => {
  const to = newTarget('whole');
  mkdirSync(to);
  const { code, out, error } = await run(to);
  expect({ code, error }).toMatchObject({ code: 0 });
  const said = JSON.parse(out);
  // Neither the lock nor the note of the backup is of the host.
  const files = readdirSync(to, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && !LEFT_OUT.test(entry.name) && entry.name !== BACKUP_NOTE,
  );
  const bytes = files.reduce((sum, file) => sum + statSync(path.join(file.parentPath, file.name)).size, 0);
  expect(bytes).toBeGreaterThan(ROWS * 1_900);
  expect(said).toEqual({
    folder: to,
    takenAt: expect.any(String),
    files: files.length,
    seconds: expect.any(Number),
    bytes,
  });
  expect(await readBackupNote(to)).toEqual({ v: 1, takenAtMs: Date.parse(said.takenAt) });

  expect(modeOf(to)).toBe('700');
  for (const folder of ['secrets', 'authority']) {
    const names = readdirSync(path.join(host.directory, folder)).filter(
      (name) => !name.startsWith('evenkeel.lock'),
    );
    expect(readdirSync(path.join(to, folder)).toSorted()).toEqual(names.toSorted());
    for (const name of ['.', ...names]) {
      const [there, copied] = [host.directory, to].map((root) => path.join(root, folder, name));
      expect([name, modeOf(copied ?? '')]).toEqual([name, modeOf(there ?? '')]);
      if (name !== '.') expect(readFileSync(copied ?? '')).toEqual(readFileSync(there ?? ''));
    }
  }
  expect(modeOf(path.join(to, 'authority/ca.key.pem'))).toBe('600');
  const kept = readdirSync(host.directory).filter((name) => !LEFT_OUT.test(name));
  expect(
    readdirSync(to)
      .filter((name) => !LEFT_OUT.test(name))
      .toSorted(),
  ).toEqual([...kept, BACKUP_NOTE].toSorted());
  expect(existsSync(unfinished('whole'))).toBe(false);
});

describe('that was copied on', () => {
  let copy: string;
  beforeEach(async () => {
    copy = newTarget('copied');
    expect(await run(copy)).toMatchObject({ code: 0 });
  });
  afterEach(() => rmSync(copy, { recursive: true, force: true }));

  test('and lost pages of its database on the way, is not served', async () => {
    const database = pathIn(copy);
    const half = Math.floor(statSync(database).size / 2 / PAGE_SIZE_BYTES) * PAGE_SIZE_BYTES;
    const handle = openSync(database, 'r+');
    writeSync(handle, Buffer.alloc(4 * PAGE_SIZE_BYTES), 0, 4 * PAGE_SIZE_BYTES, half);
    closeSync(handle);
    const served = startServedHost({ services: SERVICES, directory: copy });
    await expect(served.then((torn) => torn.stop({ keep: true }))).rejects.toThrow(
      /evenkeel\.db is not what was backed up \(.*\): copy the whole backup again/s,
    );
    expect(await readBackupNote(copy)).toBeDefined();
  });

  test('without some of its files, is served and says which are missing', async () => {
    const [file = ''] = readdirSync(path.join(copy, 'buckets'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith('index.'))
      .map((entry) => path.join(entry.parentPath, entry.name));
    truncateSync(file, 3);
    const served = await startServedHost({ services: SERVICES, directory: copy });
    const { warnings } = served.serving;
    await served.stop({ keep: true });
    expect(warnings).toEqual([
      expect.stringContaining(`1 of 1 files of this backup are missing or cut short (${file}): firmware`),
    ]);
  });
});

test('of a directory that no host serves from, is made, and says that it may be the wrong one', async () => {
  const copy = newTarget('unserved');
  const { code, error } = await run(copy);
  expect({ code, error }).toEqual({ code: 0, error: '' });
  const note = `evenkeel: NOTE: no host serves from ${copy}: this is a copy of what the last one left; if another one serves, name its --data\n`;
  const args = ['--data', copy, '--json', '--to'];
  const stopped = await begin([...args, newTarget('of-ended')]);
  expect(stopped).toMatchObject({ code: 0, error: note });
  expect(JSON.parse(stopped.out)).toMatchObject({ folder: newTarget('of-ended') });

  // As of a host that died: no process has that number on any system.
  const file = JSON.parse(readFileSync(path.join(host.directory, HOST_FILE), 'utf8'));
  for (const left of [JSON.stringify({ ...file, pid: 2 ** 30 }), '{torn']) {
    writeFileSync(path.join(copy, HOST_FILE), left);
    const died = await begin([...args, newTarget(`of-dead-${left.length}`)]);
    expect(died).toMatchObject({ code: 0, error: note });
  }
});

test('killed in the middle, leaves nothing that looks like a backup, and the next run clears it away', async () => {
  await interrupted('killed', 'SIGKILL');
  expect(existsSync(newTarget('killed'))).toBe(false);
  expect(existsSync(path.join(unfinished('killed'), BACKUP_NOTE))).toBe(false);
  writeFileSync(path.join(unfinished('killed'), 'left'), '');
  expect(await run(newTarget('killed'))).toMatchObject({ code: 0 });
  expect(existsSync(path.join(newTarget('killed'), 'left'))).toBe(false);
  expect(existsSync(unfinished('killed'))).toBe(false);
});

test.each([
  ['stop', 'SIGTERM', /stopped; there is no backup\n$/],
  [
    'wait (ctrl-z)',
    'SIGTSTP',
    /stopped, because the log of the host grows while it waits; there is no backup\n$/,
  ],
] as const)('told to %s, leaves nothing at all', async (_what, signal, line) => {
  const { code, error } = await interrupted('stopped', signal);
  expect({ code, error }).toEqual({ code: 1, error: expect.stringMatching(line) });
  expect(readdirSync(scratch).filter((name) => name.includes('stopped'))).toEqual([]);
});

test('on a disk that takes no more, says so and leaves nothing', async () => {
  const { code, error } = await run(newTarget('full'), { fileKilobytes: 8_000 });
  expect({ code, error }).toEqual({
    code: 1,
    error: expect.stringMatching(
      /^evenkeel: no copy could be made: .*; make room in .* or name another folder\n$/m,
    ),
  });
  expect(readdirSync(scratch).filter((name) => name.includes('full'))).toEqual([]);
});

test('refuses what cannot become a copy, in a line that says what to do', async () => {
  const file = path.join(scratch, 'file');
  writeFileSync(file, '');
  const used = newTarget('used');
  mkdirSync(used);
  const dangling = path.join(scratch, 'dangling');
  symlinkSync(path.join(scratch, 'gone'), dangling);
  writeFileSync(path.join(used, 'x'), '');
  for (const [to, line] of [
    ['', '--to must name a folder'],
    [file, `--to: ${file} is a file; name a folder`],
    [dangling, `--to: ${dangling} is a link to what is not there; make the folder that it names`],
    [used, `--to: ${used} is not empty; each backup takes a folder of its own`],
    [path.join(scratch, 'nowhere/x'), `--to: ${path.join(scratch, 'nowhere')} is not there`],
    [host.directory, 'is not empty'],
    [path.join(host.directory, 'x'), 'lies in what is to be copied; name a folder outside of'],
    [path.join(host.directory, 'logs'), 'lies in what is to be copied'],
  ] as const) {
    const { code, error } = await run(to);
    expect({ to, code }).toEqual({ to, code: 1 });
    expect(error).toContain(line);
    expect(error.trimEnd().split('\n')).toHaveLength(1);
  }
  expect(existsSync(path.join(host.directory, '.x.unfinished'))).toBe(false);
});
