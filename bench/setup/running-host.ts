import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { HostProcess } from '#host/host-process.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { localTarget, openClient } from '../../cli/actions/log-in.ts';
import type { ApiClient } from '../../cli/api-client.ts';

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

/** Starts a host on a new directory in `parent`; with `profileDirectory` it writes a CPU profile there when it ends. */
export async function startHost(parent: string, profileDirectory?: string): Promise<RunningHost> {
  const directory = await mkdtemp(path.join(parent, 'evenkeel-bench-'));
  const remove = () => rm(directory, { recursive: true, force: true });
  try {
    let host = await withProfile(profileDirectory, () => HostProcess.start(directory));
    // Whoever ends this process ends the host with it.
    const end = () => void process.kill(host.serving.pid);
    process.once('exit', end);
    const client = await openClient(localTarget(directory), realWorld);
    return {
      get host() {
        return host;
      },
      ...{ client, directory },
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

/** Starts a process with Node's profiler switched on: it inherits the environment of this one. */
async function withProfile<T>(directory: string | undefined, start: () => Promise<T>): Promise<T> {
  if (directory === undefined) return start();
  const before = process.env.NODE_OPTIONS;
  process.env.NODE_OPTIONS = `--cpu-prof --cpu-prof-dir=${path.resolve(directory)}`;
  try {
    return await start();
  } finally {
    if (before === undefined) delete process.env.NODE_OPTIONS;
    else process.env.NODE_OPTIONS = before;
  }
}
