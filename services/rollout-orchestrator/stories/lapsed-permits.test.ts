import { afterEach, expect, test } from '@jest/globals';
import { type SmallFleet, startSmallFleet } from '../testing/small-fleet.ts';

const MINUTE_MS = 60_000;

let fleet: SmallFleet;
afterEach(() => fleet.host.stop());

test('a permit of the stage before that lapses does not keep a stage closed that adds nobody', async () => {
  fleet = await startSmallFleet();
  const { host, devices, first, launch } = fleet;
  const [, second = first] = devices;
  await first.register({ entityVersion: 2, tags: ['lab'] });
  const rollout = await launch({
    stages: [
      { name: 'few', count: 2, gate: { minConfirmed: 1 } },
      { name: 'lab', tag: 'lab', gate: { bake: '5m' } },
      { name: 'all', percent: 100 },
    ],
    permitFor: '1m',
    halt: { suspectAtLeast: '2m' },
  });
  for (const device of [second, first]) {
    await device.check();
    expect(await device.requestPermit('cam/1.1.0')).toMatchObject({ answer: 'granted' });
  }
  await first.install('1.1.0');
  first.boots('1.1.0');
  await first.check();
  await host.advance(2 * MINUTE_MS);
  const show = async () => (await host.http('GET', `/rollouts/${rollout}`)).body;
  expect(await show()).toMatchObject({
    counts: { good: 1, void: 1 },
    stages: [{ state: 'passed' }, { state: 'open', gate: expect.stringContaining('bakes until') }, {}],
  });
  await host.advance(5 * MINUTE_MS);
  expect(await show()).toMatchObject({ stages: [{}, { state: 'passed' }, { state: 'open' }] });
});
