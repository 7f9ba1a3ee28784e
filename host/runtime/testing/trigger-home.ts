import { EmbeddedStore } from '#host/store/embedded-store.ts';
import type { Home } from '#shared/capabilities/home.ts';
import { VirtualWorld } from '#shared/world/virtual-world.ts';
import { FunctionPool } from '../function-pool.ts';
import { HostLog } from '../host-log.ts';
import { RequestIds } from '../request-ids.ts';

/** A store in memory on a virtual world, and functions that are plain callbacks: for tests of triggers. */
export interface TriggerHome {
  readonly world: VirtualWorld;
  readonly store: EmbeddedStore;
  readonly log: HostLog;
  /** Lines of the host's log, parsed. */
  readonly lines: Readonly<Record<string, unknown>>[];
  /** A pool of 256 around `serve`, with a timeout of 30 seconds unless told. */
  pool(serve: (event: never) => Promise<unknown>, timeoutSeconds?: number): FunctionPool;
  /** Runs `work` while the world goes on by itself at the present time, and answers what it answers. */
  done<T>(work: Promise<T>): Promise<T>;
}

const nothingProvided: Home = {
  provide: () => Promise.reject(new Error('nothing is provided here')),
  setting: () => 'test',
};

/** A home of its own for every test; its store is kept where a directory is named. */
export function triggerHome(world = new VirtualWorld(), directory?: string): TriggerHome {
  const lines: Readonly<Record<string, unknown>>[] = [];
  const requestIds = new RequestIds(world);
  const store = new EmbeddedStore({
    world,
    ...(directory !== undefined && { directory }),
    onFatal: (error) => {
      throw error;
    },
  });
  return {
    world,
    store,
    lines,
    log: new HostLog((line) => lines.push(JSON.parse(line)), world),
    pool: (serve, timeoutSeconds = 30) =>
      new FunctionPool({
        facts: {
          name: 'fixture',
          arn: 'arn:aws:lambda:local:000000000000:function:fixture',
          memoryMegabytes: 256,
        },
        timeoutSeconds,
        concurrency: 256,
        // The callbacks of tests name the shape of event that they expect.
        load: async () => ({ on: async () => serve as (event: unknown) => Promise<unknown> }),
        homeFor: () => nothingProvided,
        world,
        requestIds,
      }),
    async done(work) {
      const [answer] = await Promise.all([work, world.settle()]);
      return answer;
    },
  };
}
