import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { HostProcess } from '#host/host-process.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { localTarget, openClient } from '../../cli/actions/log-in.ts';
import type { ApiClient } from '../../cli/api-client.ts';
import { PROBE_OPTION, STALLS_FILE } from '../measure/stalls.ts';

/** A host in a process of its own on a new data directory, and a client of its API. */
export interface RunningHost {
  readonly host: HostProcess;
  readonly client: ApiClient;
  readonly directory: string;
  /** Ends the host in order and starts it again on its data; `host` is the new one then. Answers how many ms the start took. */
  restart(): Promise<number>;
  /** Ends the host in order and removes its data. */
  stop(): Promise<void>;
}

/** What else a host writes down while it is measured; figures are worse then. */
export interface Watched {
  /** Where it writes a CPU profile when it ends. */
  readonly profileDirectory?: string;
  /** The file that it writes to, every second, what has held it up. */
  readonly stallsFile?: string;
}

/** Starts a host on a new directory in `parent`. */
export async function startHost(parent: string, watched: Watched = {}): Promise<RunningHost> {
  const directory = await mkdtemp(path.join(parent, 'evenkeel-bench-'));
  const remove = () => rm(directory, { recursive: true, force: true });
  try {
    let host = await watching(watched, () => HostProcess.start(directory));
    // Whoever ends this process ends the host with it.
    const end = () => void process.kill(host.serving.pid);
    process.once('exit', end);
    const client = await openClient(localTarget(directory), realWorld);
    return {
      get host() {
        return host;
      },
      client,
      directory,
      async restart() {
        process.off('exit', end);
        await host.stop();
        const beganMs = performance.now();
        host = await host.restart();
        process.once('exit', end);
        return performance.now() - beganMs;
      },
      async stop() {
        client.close();
        process.off('exit', end);
        await host.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Starts a process with what watches it switched on: it inherits the environment of this one. */
async function watching<T>({ profileDirectory, stallsFile }: Watched, start: () => Promise<T>): Promise<T> {
  const options = [
    ...(profileDirectory ? [`--cpu-prof --cpu-prof-dir=${path.resolve(profileDirectory)}`] : []),
    ...(stallsFile ? [PROBE_OPTION] : []),
  ];
  if (options.length === 0) return start();
  const before = process.env.NODE_OPTIONS;
  process.env.NODE_OPTIONS = options.join(' ');
  if (stallsFile !== undefined) process.env[STALLS_FILE] = path.resolve(stallsFile);
  try {
    return await start();
  } finally {
    delete process.env[STALLS_FILE];
    if (before === undefined) delete process.env.NODE_OPTIONS;
    else process.env.NODE_OPTIONS = before;
  }
}
