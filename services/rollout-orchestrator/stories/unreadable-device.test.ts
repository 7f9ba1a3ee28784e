import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import type { Item } from '#shared/capabilities/table.ts';
import { deviceKey } from '../stores/keys.ts';
import { quickDocument } from '../testing/documents.ts';
import { draftAndLaunch } from '../testing/draft-and-launch.ts';
import { publishRelease } from '../testing/releases.ts';
import { ScriptedDevice } from '../testing/scripted-device.ts';

const RELEASE = 'cam/1.1.0';
const MINUTE_MS = 60_000;
/** Longer than five deliveries of a permit request take. */
const DELIVERIES_MS = 15 * MINUTE_MS;

describe('a device whose item cannot be read', () => {
  let host: TestHost;
  let damaged: ScriptedDevice;
  let others: ScriptedDevice[];
  let rollout: string;

  beforeEach(async () => {
    host = await startTestHost({ services: ['rollout-orchestrator'] });
    const devices = Array.from({ length: 4 }, (_, n) => new ScriptedDevice(host, `cam-${n}`));
    [damaged, ...others] = devices as [ScriptedDevice, ...ScriptedDevice[]];
    for (const device of devices) await device.register();
    await publishRelease(host, '1.1.0', 2);
    const document = quickDocument(RELEASE, {
      stages: [{ name: 'all', percent: 100 }],
      halt: { silentAfter: '30m', suspectAtLeast: '10s', installWithin: '1h' },
    });
    rollout = await draftAndLaunch(host, document);
  });
  afterEach(() => host.stop());

  const write = async (set: Item) => {
    await host.table('rollouts').write({ update: deviceKey('acme', damaged.deviceId), set });
  };
  const counts = async () => (await host.http('GET', `/rollouts/${rollout}`)).body.counts;
  const seen = () =>
    host.lines.filter(({ message, device }) =>
      String(message).startsWith('a device cannot be served') ? device === damaged.thing : false,
    );
  const answersTo = ({ thing }: ScriptedDevice) => host.deviceMessages(thing).length;

  test.each([
    ['floor', { floor: 'low' }],
    ['quarantined', { quarantined: 'no' }],
    ['tried', { tried: { anything: 'often' } }],
    ['excused', { excused: { anything: -1 } }],
    ['decommissioned', { decommissioned: 'no' }],
  ])('is offered nothing while its %s is another thing than was written', async (name, damage) => {
    expect(await damaged.check()).toMatchObject({ release: RELEASE });
    await write(damage);
    expect(await damaged.check()).toBeUndefined();
    expect(JSON.stringify(host.lines)).toContain(`device ${damaged.thing}: ${name} must be`);
    for (const device of others) expect(await device.check()).toMatchObject({ release: RELEASE });
  });

  test('gets no permit; those who ask in the same batch do, and its request lies with the dead letters', async () => {
    const all = [damaged, ...others];
    for (const device of all) await device.check();
    await write({ floor: 'low' });
    for (const device of all) await device.requestPermit(RELEASE, false);
    await host.settle();
    expect(others.map((device) => device.takePermit()?.answer)).toEqual(others.map(() => 'granted'));
    expect(await counts()).toMatchObject({ granted: others.length });
    expect(seen()).toHaveLength(1);
    await host.advance(DELIVERIES_MS);
    expect(damaged.takePermit()).toBeUndefined();
    expect((await host.deadLetters()).map(({ queue }) => queue)).toEqual(['permits-dead']);
  });

  test('reports in vain until it is mended; those who report in the same batch are acknowledged', async () => {
    for (const device of [damaged, ...others]) {
      await device.check();
      expect(await device.requestPermit(RELEASE)).toMatchObject({ answer: 'granted' });
    }
    await write({ running: 'well' });
    const told = answersTo(damaged);
    const report = { v: 1, rollout, hardware: 'cam-rev-b', target: '1.1.0', bootId: 'boot-0001' };
    const events = [{ seq: 1, state: 'installing', uptimeMs: 1 }];
    for (const { thing, attempt } of [damaged, ...others])
      await host.publishFromDevice(thing, 'report', { ...report, attempt, events });
    await host.settle();
    for (const { thing } of others) expect(host.deviceMessages(thing).at(-1)?.topic).toMatch(/\/ack$/);
    expect(answersTo(damaged)).toBe(told);
    expect(await counts()).toMatchObject({ granted: 1, installing: others.length });
    const [letter, ...more] = await host.deadLetters();
    expect(more).toEqual([]);
    expect(letter?.queue).toBe('orchestrator-dead');
    // What lies there is what the rule handed over: put into the queue of reports again it is applied.
    await write({
      running: {
        version: '1.0.0',
        hardware: 'cam-rev-b',
        bootId: 'boot-0001',
        confirmed: true,
        seenAtMs: 1,
      },
    });
    await host.queue('reports').send([{ body: letter?.body ?? '' }]);
    await host.settle();
    expect(host.deviceMessages(damaged.thing).at(-1)?.topic).toMatch(/\/ack$/);
    expect(await counts()).toMatchObject({ granted: 0, installing: others.length + 1 });
  });

  test('is not scored as silent until it is mended, and keeps nobody else from being scored', async () => {
    for (const device of [damaged, ...others]) {
      await device.check();
      await device.requestPermit(RELEASE);
      await device.report('installing', '1.1.0');
    }
    await write({ quarantined: 'no' });
    // Its reports do not come again and again, old and unread: they would stop the clocks of all.
    const event = { seq: 2, state: 'rebooting', uptimeMs: 1 };
    const { attempt, thing } = damaged;
    const body = { v: 1, rollout, attempt, hardware: 'cam-rev-b', target: '1.1.0', bootId: 'boot-0001' };
    for (let minute = 0; minute < 80; minute += 5) {
      await host.publishFromDevice(thing, 'report', { ...body, events: [event] });
      await host.advance(5 * MINUTE_MS);
    }
    expect(await counts()).toMatchObject({ installing: 1, lost: others.length });
    await write({ quarantined: false });
    await host.advance(2 * MINUTE_MS);
    expect(await counts()).toMatchObject({ installing: 0, lost: others.length + 1 });
  });

  test('is no member, and others are counted', async () => {
    await write({ decommissioned: 'no' });
    await new ScriptedDevice(host, 'cam-new').register();
    await host.advance(2 * MINUTE_MS);
    const { members } = (await host.http('GET', `/rollouts/${rollout}`)).body;
    expect(members).toBe(others.length + 1);
    expect(seen()).not.toEqual([]);
  });

  test('why says what is wrong with it', async () => {
    await write({ floor: 'low' });
    const { status, body } = await host.http('GET', `/devices/${damaged.deviceId}/why`);
    expect(status).toBe(409);
    expect(body.error.message).toContain('floor must be a whole number from 0, not "low"');
  });
});
