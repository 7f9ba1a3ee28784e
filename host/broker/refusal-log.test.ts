import { expect, test } from '@jest/globals';
import { HostLog } from '#host/runtime/host-log.ts';
import { VirtualWorld } from '#shared/world/virtual-world.ts';
import { RefusalLog } from './refusal-log.ts';

function openLog() {
  const world = new VirtualWorld();
  const lines: { readonly client: string }[] = [];
  const log = new HostLog((line) => lines.push(JSON.parse(line)), world);
  return { world, refusals: new RefusalLog(log, world), clients: () => lines.map(({ client }) => client) };
}

test('says once a minute of each client why it was refused', async () => {
  const { world, refusals, clients } = openLog();
  for (const client of ['acme:cam-1', '192.0.2.1', 'acme:cam-1', 'acme:cam-2', '192.0.2.1', '192.0.2.2'])
    refusals.say(client, 'must not');
  expect(clients()).toEqual(['acme:cam-1', '192.0.2.1', 'acme:cam-2', '192.0.2.2']);
  await world.advance(60_000);
  refusals.say('acme:cam-1', 'must not');
  expect(clients()).toHaveLength(5);
});

test('says one line of a network of IPv6 that comes from an address of its own each time', () => {
  const { refusals, clients } = openLog();
  for (let at = 0; at < 1_000; at += 1) refusals.say(`2001:db8:0:1::${at.toString(16)}`, 'must not');
  refusals.say('2001:db8:0:2::1', 'must not');
  expect(clients()).toEqual(['2001:db8:0:1::0', '2001:db8:0:2::1']);
});
