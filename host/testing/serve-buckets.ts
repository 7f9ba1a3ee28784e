import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Buckets, type BucketsOptions, openBuckets } from '#host/bucket/buckets.ts';
import { portOf } from '#shared/program/port-of.ts';
import { VirtualWorld } from '#shared/world/virtual-world.ts';

/** Buckets in a directory of their own, served over HTTP on loopback. */
export interface ServedBuckets {
  readonly buckets: Buckets;
  readonly directory: string;
  readonly baseUrl: string;
  readonly world: VirtualWorld;
  /** Faults that nobody else heard of. */
  readonly faults: unknown[];
  /** How many connections the server has. */
  connections(): Promise<number>;
  /** Ends server and buckets; the directory goes too unless `keep`. */
  close(options?: { readonly keep: boolean }): Promise<void>;
}

/** Opens buckets (the bucket `firmware` and whatever `options` says) and serves them; for tests. */
export async function serveBuckets(options: Partial<BucketsOptions> = {}): Promise<ServedBuckets> {
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'evenkeel-buckets-')));
  const world = new VirtualWorld();
  const faults: unknown[] = [];
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = portOf(server);
  const baseUrl = `http://127.0.0.1:${port}`;
  const buckets = await openBuckets({
    buckets: ['firmware'],
    onObjectCreated: async () => undefined,
    onFault: (error) => faults.push(error),
    world,
    ...options,
    directory,
    baseUrl,
  }).catch((error) => {
    server.close();
    throw error;
  });
  server.on('request', async (request, response) => {
    if (!(await buckets.handleHttp(request, response))) response.writeHead(404).end('elsewhere');
  });
  return {
    buckets,
    directory,
    baseUrl,
    world,
    faults,
    connections: promisify(server.getConnections.bind(server)),
    async close({ keep } = { keep: false }) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await buckets.close();
      if (!keep) await rm(directory, { recursive: true });
    },
  };
}
