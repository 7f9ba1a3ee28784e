import { describe, expect, it } from '@jest/globals';
import type { Home } from '#shared/capabilities/home.ts';
import { EvenkeelError } from '#shared/errors/errors.ts';
import { VirtualWorld } from '#shared/world/virtual-world.ts';
import { pause } from '#shared/world/world.ts';
import { type Bindable, FunctionPool } from './function-pool.ts';
import { FunctionTimeoutError, type Lease, RevokedError } from './lease.ts';
import { RequestIds } from './request-ids.ts';

const noHome: Home = {
  provide: () => Promise.reject(new Error('nothing is provided here')),
  setting: () => 'test',
};

function poolOf(serve: (event: unknown, lease: Lease) => Promise<unknown>, concurrency = 256) {
  const world = new VirtualWorld();
  let lastLease: Lease | undefined;
  let instances = 0;
  const handler: Bindable = {
    on: async () => {
      instances += 1;
      const lease = lastLease;
      if (lease === undefined) throw new Error('an instance is bound to a home');
      return (event) => serve(event, lease);
    },
  };
  const pool = new FunctionPool({
    facts: {
      name: 'fixture',
      arn: 'arn:aws:lambda:local:000000000000:function:fixture',
      memoryMegabytes: 256,
    },
    timeoutSeconds: 3,
    concurrency,
    load: async () => handler,
    homeFor: (lease) => {
      lastLease = lease;
      return noHome;
    },
    world,
    requestIds: new RequestIds(world),
  });
  return { pool, world, instances: () => instances };
}

describe('the pool of a function', () => {
  it('answers what the function returns and throws what it throws', async () => {
    const { pool } = poolOf(async (event) => {
      if (event === 'bad') throw new EvenkeelError('broken', 'on purpose');
      return `seen ${event}`;
    });
    await expect(pool.invoke('good')).resolves.toBe('seen good');
    await expect(pool.invoke('bad')).rejects.toThrow('on purpose');
    expect(pool.busy).toBe(0);
  });

  it('gives every invocation that runs at the same time an instance of its own, and uses it again', async () => {
    const { pool, world, instances } = poolOf(async () => pause(world, 100));
    const first = [pool.invoke(1), pool.invoke(2), pool.invoke(3)];
    await world.advance(100);
    await Promise.all(first);
    expect(instances()).toBe(3);
    const second = [pool.invoke(4), pool.invoke(5)];
    await world.advance(100);
    await Promise.all(second);
    expect(instances()).toBe(3);
  });

  it('never runs more at the same time than its concurrency, and serves who waits in order', async () => {
    let running = 0;
    let most = 0;
    const order: unknown[] = [];
    const { pool, world } = poolOf(async (event) => {
      running += 1;
      most = Math.max(most, running);
      order.push(event);
      await pause(world, 10);
      running -= 1;
    }, 2);
    const all = [1, 2, 3, 4, 5].map((event) => pool.invoke(event));
    await world.advance(30);
    await Promise.all(all);
    expect(most).toBe(2);
    expect(order).toEqual([1, 2, 3, 4, 5]);
  });

  it('drops an instance that runs past the timeout, revokes its lease and serves the next with a new one', async () => {
    const leases: Lease[] = [];
    const { pool, world, instances } = poolOf(async (event, lease) => {
      leases.push(lease);
      await pause(world, event === 'slow' ? 10_000 : 1);
      return event;
    }, 1);
    const slow = pool.invoke('slow');
    const timedOut = expect(slow).rejects.toThrow(FunctionTimeoutError);
    const next = pool.invoke('quick');
    await world.advance(3_000);
    await timedOut;
    expect(leases[0]?.refusal()).toBeInstanceOf(RevokedError);
    await world.advance(10_000);
    await expect(next).resolves.toBe('quick');
    expect(leases[1]?.refusal()).toBeUndefined();
    expect(instances()).toBe(2);
  });

  it('says when all that had begun has ended: what waits for its turn, fails or runs past the timeout, too', async () => {
    const { pool, world } = poolOf(async (event) => {
      if (event === 'fails') throw new Error('no');
      await pause(world, Number(event));
    }, 1);
    await pool.ended();
    const all = [500, 10_000, 'fails', 500].map((event) => pool.invoke(event).catch(() => undefined));
    let hasEnded = false;
    const ended = pool.ended().then(() => {
      hasEnded = true;
    });
    await world.advance(3_900);
    expect(hasEnded).toBe(false);
    await world.advance(200);
    await Promise.all([...all, ended]);
  });

  it('times every invocation from its own beginning', async () => {
    const { pool, world } = poolOf(async (event) => pause(world, Number(event)));
    const early = expect(pool.invoke(60_000)).rejects.toThrow(FunctionTimeoutError);
    await world.advance(2_000);
    const late = pool.invoke(2_500);
    await world.advance(1_000);
    await early;
    await world.advance(1_500);
    await expect(late).resolves.toBeUndefined();
  });

  it('counts the remaining time down for the function', async () => {
    const world = new VirtualWorld();
    const seen: number[] = [];
    const pool = new FunctionPool({
      facts: { name: 'f', arn: 'arn', memoryMegabytes: 128 },
      timeoutSeconds: 3,
      concurrency: 1,
      load: async () => ({
        on: async () => async (_event, context) => {
          seen.push(context.getRemainingTimeInMillis());
          await pause(world, 1_000);
          seen.push(context.getRemainingTimeInMillis());
        },
      }),
      homeFor: () => noHome,
      world,
      requestIds: new RequestIds(world),
    });
    const done = pool.invoke({});
    await world.advance(1_000);
    await done;
    expect(seen).toEqual([3_000, 2_000]);
  });
});
