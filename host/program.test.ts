import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { portOf } from '#shared/program/port-of.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { pause } from '#shared/world/world.ts';
import { BACKUP_NOTE, writeBackupNote } from './backup/backup-note.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'evenkeel-program-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Loaded before the program: its clock is an hour ahead. */
const AHEAD = `data:text/javascript,const now=Date.now;Date.now=()=>now()+3_600_000`;

/**
 * Runs the program; `until` ends it with SIGTERM once its output has that text. Under a limit of the size of files where one is named, in
 * kilobytes, which stands for a disk that takes no more.
 */
function run(
  args: readonly string[],
  until?: string,
  {
    nodeArgs = [],
    fileKilobytes,
  }: { readonly nodeArgs?: readonly string[]; readonly fileKilobytes?: number } = {},
): Promise<{ code: number | null; text: string }> {
  const program = path.join(import.meta.dirname, 'main.ts');
  const command = [process.execPath, '--disable-warning=ExperimentalWarning', ...nodeArgs, program, ...args];
  const [file = '', ...rest] =
    fileKilobytes === undefined
      ? command
      : ['bash', '-c', `ulimit -f ${fileKilobytes}; exec "$@"`, 'bash', ...command];
  const child = spawn(file, rest);
  let text = '';
  const take = (chunk: Buffer) => {
    text += chunk.toString();
    if (until !== undefined && text.includes(until)) child.kill('SIGTERM');
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  return new Promise((resolve) => {
    child.once('close', (code) => resolve({ code, text }));
  });
}

const anyPorts = ['--mqtt-port', '0', '--http-port', '0'];

describe('the program', () => {
  it('says where it serves and how to log in, and ends in order when it is told to', async () => {
    const { code, text } = await run(['--data', directory, ...anyPorts], 'ctrl-c stops');
    expect({ code, text }).toMatchObject({ code: 0 });
    expect(text).toMatch(/serving devices on mqtts:\/\/localhost:\d+/);
    expect(text).toMatch(/serving API and firmware on https:\/\/localhost:\d+/);
    expect(text).toContain(`npx evenkeel login --data ${directory}`);
    expect(existsSync(path.join(directory, 'host.json'))).toBe(false);
    expect(readFileSync(path.join(directory, 'logs/host.log'), 'utf8')).toContain('"message":"serving"');
  });

  // npm, the launcher and the host are one group: a terminal tells each, and the launcher tells the host again.
  it('takes one ctrl-c that reaches it more than once as one, and ends in order', async () => {
    const launcher = path.join(import.meta.dirname, '../launch/run.cjs');
    const args = [launcher, path.join(import.meta.dirname, 'main.ts'), '--data', directory, ...anyPorts];
    const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'close');
    await once(child.stdout, 'data');
    // Told again and again it hears one while it stops, and none so late that it is a second wish.
    const untilMs = performance.now() + 100;
    while (performance.now() < untilMs && child.exitCode === null) {
      process.kill(-(child.pid ?? 0), 'SIGINT');
      await pause(realWorld, 2);
    }
    expect(await ended).toEqual([0, null]);
    const left = readdirSync(directory).filter((name) => /host\.json|-wal$/.test(name));
    expect(left).toEqual([]);
  });

  it('keeps what it makes from other users, in a directory that was there before', async () => {
    chmodSync(directory, 0o755);
    const { code, text } = await run(['--data', directory, ...anyPorts], 'ctrl-c stops');
    expect({ code, text }).toMatchObject({ code: 0, text: expect.not.stringContaining('WARNING') });
    const readable = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter(
      (file) => (statSync(path.join(directory, file)).mode & 0o077) !== 0 && !file.endsWith('.pem'),
    );
    expect(readable).toEqual([]);
  });

  it('warns where the clock was put back since it has run', async () => {
    const args = ['--data', directory, ...anyPorts];
    await run(args, 'ctrl-c stops', { nodeArgs: ['--import', AHEAD] });
    const { code, text } = await run(args, 'ctrl-c stops');
    expect({ code, text }).toMatchObject({ code: 0, text: expect.stringMatching(/^evenkeel: WARNING: /m) });
    expect(text).toMatch(/the clock of this machine says \S+Z, but the host has run until \S+Z by it/);
    expect(text.match(/WARNING/g)).toHaveLength(1);
  });

  it('goes on when nobody reads its log lines any more, and still ends in order', async () => {
    const program = path.join(import.meta.dirname, 'main.ts');
    const args = ['--disable-warning=ExperimentalWarning', program, '--data', directory, ...anyPorts];
    const child = spawn(process.execPath, [...args, '--verbose']);
    const ended = once(child, 'exit');
    child.stderr.once('data', () => child.stderr.destroy());
    await once(child.stdout, 'data');
    child.stdout.destroy();
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });

  it('explains its options', async () => {
    const { code, text } = await run(['--help']);
    expect(code).toBe(0);
    expect(text).toContain('--data DIR');
  });

  it('says of a backup that it is one, also where the first start found a port taken', async () => {
    const args = ['--data', directory];
    await run([...args, ...anyPorts], 'ctrl-c stops');
    await writeBackupNote(directory, { v: 1, takenAtMs: Date.UTC(2026, 5, 1) });
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const port = String(portOf(taken));
    for (const option of ['--mqtt-port', '--metrics-port'])
      expect(await run([...args, '--mqtt-port', '0', '--http-port', '0', option, port])).toMatchObject({
        code: 1,
      });
    taken.close();
    const { text } = await run([...args, ...anyPorts], 'ctrl-c stops');
    expect(text).toContain('this is a backup of 2026-06-01T00:00:00.000Z');
    expect(existsSync(path.join(directory, BACKUP_NOTE))).toBe(false);
  });

  it('says in one line what to do where it cannot start', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const port = String(portOf(taken));
    const file = path.join(directory, 'file');
    writeFileSync(file, '');
    const data = ['--data', path.join(directory, 'data')];
    for (const [args, line] of [
      [[...data, '--http-port', '0', '--mqtt-port', port], `--mqtt-port: ${port} is in use; choose another`],
      [[...data, '--mqtt-port', '0', '--http-port', port], `--http-port: ${port} is in use; choose another`],
      [[...data, ...anyPorts, '--host', '192.0.2.1'], '--host: 192.0.2.1 is no address of this machine'],
      [[...anyPorts, '--data', file], `--data: ${file} is a file; name a directory`],
      [[...anyPorts, '--data', path.join(file, 'x')], 'lies below a file; name another directory'],
    ] as const) {
      const { code, text } = await run(args);
      expect({ args, code }).toEqual({ args, code: 1 });
      expect(text).toContain(line);
      expect(text.trimEnd().split('\n')).toHaveLength(1);
    }
    taken.close();
  });

  it('does not name a backup where the disk takes nothing more at a start', async () => {
    const args = ['--data', directory, ...anyPorts];
    await run(args, 'ctrl-c stops');
    const { code, text } = await run(args, undefined, { fileKilobytes: 0 });
    expect({ code, text }).toEqual({
      code: 1,
      text: expect.stringMatching(/^evenkeel: \S+evenkeel\.db cannot be opened .*\n$/),
    });
    expect(text).toContain('its disk is full, or fails. Make room');
    expect(text).not.toContain('restore');
  });

  it('ends by the code of a store that failed, whatever keeps its last log lines off the disk', async () => {
    mkdirSync(path.join(directory, 'logs'));
    writeFileSync(path.join(directory, 'logs/host.log'), '\n'.repeat(100 * 1024));
    const { code, text } = await run(['--data', directory, ...anyPorts], undefined, { fileKilobytes: 100 });
    expect({ code, text }).toEqual({
      code: 70,
      text: expect.stringMatching(
        /^evenkeel: the store in \S+ failed \(.*\): see to its disk, then start again\n$/,
      ),
    });
  });

  it('names an option that is wrong, and does not start', async () => {
    for (const [args, word] of [
      [['--mqtt-port', '70000'], '--mqtt-port'],
      [['--tenant', 'Not Good'], '--tenant'],
      [['--nonsense'], '--nonsense'],
      [['--stage', ''], '--stage must be'],
      [['--stage', 'Bad Stage'], '--stage must be'],
      [['--notify', 'http://example.com/x'], '--notify must be https://'],
      [['--notify', ''], '--notify must be https://'],
      [['--notify-secret-file', 'x'], 'without --notify URL'],
    ] as const) {
      const { code, text } = await run(['--data', directory, ...anyPorts, ...args]);
      expect({ args, code }).toEqual({ args, code: 1 });
      expect(text).toContain(word);
    }
  });
});
