import { describe, expect, it, jest } from '@jest/globals';
import { Aedes, type Client, type PublishPacket } from 'aedes';
import { VirtualWorld } from '#shared/world/virtual-world.ts';
import { Sessions } from './sessions.ts';

type Keeping = (client: Client, what: unknown) => Promise<void>;

/** What aedes keeps of its clients; its types do not have it. */
function memoryOf(aedes: Aedes) {
  const { persistence } = aedes as unknown as {
    readonly persistence: { addSubscriptions: Keeping; putWill: Keeping };
  };
  return persistence;
}

async function brokerWithSession() {
  const aedes = await Aedes.createBroker();
  const world = new VirtualWorld();
  const faults: unknown[] = [];
  const sessions = new Sessions(
    aedes,
    world,
    (error) => faults.push(error),
    (_client, filter) => !filter.includes('#'),
  );
  // The sessions see no more of a client than its id and whether it began a clean session.
  const client = { id: 'acme:cam-1', clean: false } as Client;
  await memoryOf(aedes).addSubscriptions(client, [{ topic: 'ek/acme:cam-1/offer', qos: 1 }]);
  sessions.left(client);
  const publish = async (count: number) => {
    for (let n = 0; n < count; n++) {
      const packet = { cmd: 'publish', topic: 'ek/acme:cam-1/offer', payload: Buffer.from('x'), qos: 1 };
      await new Promise<void>((resolve) => aedes.publish(packet as PublishPacket, () => resolve()));
    }
  };
  const close = async () => {
    await sessions.stop();
    await new Promise<void>((resolve) => aedes.close(resolve));
  };
  return { aedes, world, sessions, client, publish, close, faults };
}

describe('sessions', () => {
  it('keep at most 100 messages for a client that is away', async () => {
    const { sessions, publish, close } = await brokerWithSession();
    await publish(150);
    expect(sessions.waitingFor('acme:cam-1')).toBe(100);
    await close();
  });

  it('end an hour after the client has left, with all that waited', async () => {
    const { world, sessions, publish, close, faults } = await brokerWithSession();
    await publish(3);
    await world.advance(3_590_000);
    expect(sessions.waitingFor('acme:cam-1')).toBe(3);
    await world.advance(120_000);
    expect(sessions.waitingFor('acme:cam-1')).toBe(0);
    await publish(1);
    expect(sessions.waitingFor('acme:cam-1')).toBe(0);
    expect(faults).toEqual([]);
    await close();
  });

  it('go on when the client comes back within the hour', async () => {
    const { world, sessions, client, publish, close } = await brokerWithSession();
    await world.advance(3_000_000);
    sessions.arrived(client);
    await world.advance(7_200_000);
    await publish(1);
    expect(sessions.waitingFor('acme:cam-1')).toBe(1);
    await close();
  });

  it('speak for no device that is there when the clock leaps ahead', async () => {
    jest.useFakeTimers({
      now: 0,
      doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'setTimeout', 'clearTimeout'],
    });
    try {
      const { aedes, client, close } = await brokerWithSession();
      const heard: string[] = [];
      aedes.on('publish', ({ topic }) => heard.push(topic));
      const will = { topic: 'ek/acme:cam-1/gone', payload: Buffer.from('x'), qos: 0 };
      await memoryOf(aedes).putWill(client, will);
      // aedes looks once in four of its minutes, and has told itself each minute that it is there.
      await jest.advanceTimersByTimeAsync(239_000);
      jest.setSystemTime(3_600_000);
      await jest.advanceTimersByTimeAsync(1_000);
      expect(heard.filter((topic) => topic.startsWith('ek/'))).toEqual([]);
      await close();
    } finally {
      jest.useRealTimers();
    }
  });
});
