import { describe, expect, it } from '@jest/globals';
import { Aedes, type Client, type PublishPacket } from 'aedes';
import { VirtualWorld } from '#shared/world/virtual-world.ts';
import { Sessions } from './sessions.ts';

async function brokerWithSession() {
  const aedes = await Aedes.createBroker();
  const world = new VirtualWorld();
  const faults: unknown[] = [];
  const sessions = new Sessions(aedes, world, (error) => faults.push(error));
  // The sessions see no more of a client than its id and whether it began a clean session.
  const client = { id: 'acme:cam-1', clean: false } as Client;
  const memory = (
    aedes as unknown as { persistence: { addSubscriptions(...args: unknown[]): Promise<void> } }
  ).persistence;
  await memory.addSubscriptions(client, [{ topic: 'ek/acme:cam-1/offer', qos: 1 }]);
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
  return { world, sessions, client, publish, close, faults };
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
});
