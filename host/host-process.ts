import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, watch } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { HOST_FILE, HostFile } from '#shared/contracts/host-file.ts';
import { isAbsent } from '#shared/program/error-code.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
/** A second where the machine is idle; much longer where it has other work, as that of a test. */
const START_WITHIN_MS = 120_000;

/**
 * The host as users run it: a process of its own on a data directory, with real sockets on loopback. It can be killed
 * without warning and started again on the same data and ports.
 */
export class HostProcess {
  readonly directory: string;
  readonly #child: ChildProcess;
  readonly serving: HostFile;
  readonly #options: readonly string[];

  private constructor(directory: string, child: ChildProcess, serving: HostFile, options: readonly string[]) {
    this.#options = options;
    this.directory = directory;
    this.#child = child;
    this.serving = serving;
  }

  /**
   * Starts a host and resolves once it serves; on free ports unless told, with further options of the program. Throws with the host's words
   * when it does not.
   */
  static async start(
    directory: string,
    ports: { readonly mqttPort: number; readonly httpPort: number } = { mqttPort: 0, httpPort: 0 },
    options: readonly string[] = [],
  ): Promise<HostProcess> {
    await mkdir(directory, { recursive: true });
    rmSync(path.join(directory, HOST_FILE), { force: true });
    const args = [
      '--data',
      directory,
      '--mqtt-port',
      String(ports.mqttPort),
      '--http-port',
      String(ports.httpPort),
      ...options,
    ];
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', path.join(ROOT, 'host/main.ts'), ...args],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    const words: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => words.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => words.push(chunk));
    try {
      return new HostProcess(directory, child, await servingIn(directory, child), options);
    } catch (error) {
      child.kill('SIGKILL');
      throw new Error(`the host did not start: ${Buffer.concat(words).toString()}`, { cause: error });
    }
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Ends it as an operator would. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  /** Starts it again on the same data and ports, with the same options. */
  restart(): Promise<HostProcess> {
    return HostProcess.start(this.directory, this.serving, this.#options);
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill(signal);
    await ended;
  }
}

/** Resolves once the host has written where it serves. */
function servingIn(directory: string, child: ChildProcess): Promise<HostFile> {
  return new Promise((resolve, reject) => {
    const look = () => {
      try {
        // It comes whole, by a rename; what cannot be read is not what this host wrote.
        const serving = HostFile.parse(JSON.parse(readFileSync(path.join(directory, HOST_FILE), 'utf8')));
        if (serving.pid === child.pid) settle(() => resolve(serving));
      } catch (error) {
        // Not there yet: the watcher will see it come.
        if (!isAbsent(error)) settle(() => reject(error));
      }
    };
    const watcher = watch(directory, look);
    const late = setTimeout(() => settle(() => reject(new Error('not serving in time'))), START_WITHIN_MS);
    const onExit = (code: number | null) => settle(() => reject(new Error(`ended with ${code}`)));
    const settle = (then: () => void) => {
      watcher.close();
      clearTimeout(late);
      child.off('exit', onExit);
      then();
    };
    child.once('exit', onExit);
    look();
  });
}
