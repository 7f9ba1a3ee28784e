import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { TestHost } from '#host/testing/test-host.ts';
import { gateKey } from '../../stores/keys.ts';
import { ALL_AT_ONCE } from '../../testing/documents.ts';
import type { ScriptedDevice } from '../../testing/scripted-device.ts';
import { type SmallFleet, startSmallFleet } from '../../testing/small-fleet.ts';

describe('a rollout that was halted', () => {
  let host: TestHost;
  let devices: readonly ScriptedDevice[];
  let first: ScriptedDevice;
  let launch: SmallFleet['launch'];
  beforeEach(async () => {
    ({ host, devices, first, launch } = await startSmallFleet());
  });
  afterEach(() => host.stop());

  const post = (path: string, body?: unknown) => host.http('POST', path, body);

  test('resumes only with an excuse that brings it below the line', async () => {
    const rollout = await launch();
    for (const device of devices) await device.check();
    for (const device of devices) await device.requestPermit('cam/1.1.0', false);
    await host.settle();
    for (const device of devices.slice(0, 3)) {
      device.takePermit();
      await device.report('failed', '1.1.0', 'flash-write');
    }
    expect((await host.http('GET', `/rollouts/${rollout}`)).body.state).toBe('halted');
    const bare = await post(`/rollouts/${rollout}/resume`, { reason: 'hope' });
    expect(bare).toMatchObject({ status: 400, body: { error: { field: 'excuse' } } });
    for (const [excuse, rule] of [
      [{ devices: ['nope'] }, /must be registered devices: nope/],
      [
        { reasons: ['flash-wirte'] },
        /must be reasons of failures of this rollout \(they are flash-write\), not flash-wirte/,
      ],
      [{ devices: [first.deviceId], reasons: ['flash-wirte'] }, /they are flash-write\), not flash-wirte/],
      [
        { devices: ['cam-0', 'cam-5'] },
        /must have ended badly in this rollout, in their last attempt: cam-5$/,
      ],
      [{ reasons: ['Bad Flash!'] }, /must be 1 to 40 of a-z, 0-9 and -/],
    ] as const) {
      const typo = await post(`/rollouts/${rollout}/resume`, { reason: 'bench', excuse });
      expect(typo).toMatchObject({
        status: 400,
        body: { error: { field: expect.stringMatching(/^excuse\./), rule: expect.stringMatching(rule) } },
      });
    }
    const little = { reason: 'bench', excuse: { devices: [first.deviceId] } };
    expect(await post(`/rollouts/${rollout}/resume`, little)).toMatchObject({
      status: 409,
      body: {
        error: { field: 'rollout', rule: expect.stringContaining('all cohorts together: 2 of 5 bad') },
      },
    });
    const enough = { reason: 'bad cable on the bench', excuse: { reasons: ['flash-write'] } };
    expect(await post(`/rollouts/${rollout}/resume`, enough)).toMatchObject({
      status: 200,
      body: { state: 'running', counts: { failed: 0, excused: 3 } },
    });
  });

  test('by silence resumes with the very word that its failures are shown by', async () => {
    const rollout = await launch({ ...ALL_AT_ONCE, halt: { silentAfter: '120s', suspectAtLeast: '10s' } });
    for (const device of devices) await device.check();
    for (const device of devices) await device.requestPermit('cam/1.1.0', false);
    await host.settle();
    for (const device of devices) {
      device.takePermit();
      await device.install('1.1.0');
    }
    await host.advance(400_000);
    expect((await host.http('GET', `/rollouts/${rollout}`)).body).toMatchObject({
      state: 'halted',
      counts: { silent: 6 },
    });
    const resume = (...reasons: string[]) =>
      post(`/rollouts/${rollout}/resume`, { reason: 'power cut in hall 3', excuse: { reasons } });
    expect(await resume('lost')).toMatchObject({
      status: 400,
      body: { error: { field: 'excuse.reasons', rule: expect.stringContaining('they are silent') } },
    });
    expect(await resume('silent')).toMatchObject({
      status: 200,
      body: { state: 'running', counts: { silent: 0 } },
    });
  });

  test('has everything that was excused in its audit log, also by whose resume came second', async () => {
    const rollout = await launch();
    for (const device of devices) await device.check();
    for (const device of devices) await device.requestPermit('cam/1.1.0', false);
    await host.settle();
    for (const [number, device] of devices.slice(0, 3).entries()) {
      device.takePermit();
      await device.report('failed', '1.1.0', number < 2 ? 'flash-write' : 'image-broken');
    }
    const answers = await Promise.all(
      [{ reasons: ['flash-write'] }, { devices: ['cam-1', 'cam-2'] }].map((excuse) =>
        post(`/rollouts/${rollout}/resume`, { reason: 'bench', excuse }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect((await host.http('GET', `/rollouts/${rollout}`)).body).toMatchObject({
      state: 'running',
      counts: { failed: 0, excused: 3 },
    });
    const { body } = await host.http('GET', `/rollouts/${rollout}/audit`);
    const entries = body.entries.map(({ text }: { text: string }) => JSON.parse(text));
    const excused = entries.filter(({ action }: { action: string }) => action === 'excuse');
    expect(excused).toHaveLength(2);
    expect(excused).toMatchObject([{ after: { state: 'halted' } }, { after: { state: 'halted' } }]);
    expect(excused.map(({ excuse }: { excuse: object }) => excuse)).toEqual(
      expect.arrayContaining([
        { devices: [], reasons: ['flash-write'] },
        { devices: ['cam-1', 'cam-2'], reasons: [] },
      ]),
    );
  });

  test('and, while a resume is judged, was resumed and has halted anew stays halted: nobody has seen why', async () => {
    const rollout = await launch();
    for (const device of devices) await device.check();
    for (const device of devices) await device.requestPermit('cam/1.1.0', false);
    await host.settle();
    for (const device of devices) device.takePermit();
    for (const device of devices.slice(0, 3)) await device.report('failed', '1.1.0', 'flash-write');
    const gate = async () => (await host.table('rollouts').get([gateKey(rollout)], { consistent: true }))[0];
    const resume = (name: string) =>
      host.http(
        'POST',
        `/rollouts/${rollout}/resume`,
        { reason: 'bad cable', excuse: { reasons: ['flash-write'] } },
        { name },
      );
    const table = host.table('rollouts');
    const { transact } = table;
    table.transact = async (writes, options) => {
      const isResume = writes.some((write) => 'update' in write && write.set?.state === 'running');
      if (!isResume) return transact.call(table, writes, options);
      table.transact = transact;
      expect(await resume('bob')).toMatchObject({ status: 200 });
      for (const device of devices.slice(3))
        await host.publishFromDevice(device.thing, 'report', device.failure('1.1.0', 'flash-write'));
      for (let turns = 0; turns < 100 && (await gate())?.state !== 'halted'; turns += 1)
        await host.world.advance(100);
      return transact.call(table, writes, options);
    };
    expect(await resume('ada')).toMatchObject({
      status: 409,
      body: {
        error: {
          rule: expect.stringMatching(
            /^was resumed and has halted again \(.*\) while this was decided: look at it again$/,
          ),
        },
      },
    });
    await host.settle();
    expect((await host.http('GET', `/rollouts/${rollout}`)).body).toMatchObject({
      state: 'halted',
      counts: { failed: 3, excused: 3 },
    });
  });

  test('offers the release once more to whom it excused, who takes no second place', async () => {
    const rollout = await launch();
    const counts = async () => (await host.http('GET', `/rollouts/${rollout}`)).body.counts;
    for (const device of devices) await device.check();
    for (const device of devices) await device.requestPermit('cam/1.1.0', false);
    await host.settle();
    for (const device of devices.slice(0, 3)) {
      device.takePermit();
      await device.report('failed', '1.1.0', 'flash-write');
    }
    expect(await first.check()).toBeUndefined();
    const excuse = { reasons: ['flash-write'] };
    await post(`/rollouts/${rollout}/resume`, { reason: 'power cut on the bench', excuse });
    for (const device of devices.slice(3)) {
      device.takePermit();
      await device.install('1.1.0');
      device.boots('1.1.0');
      await device.prove();
    }
    await host.advance(60_000);
    expect((await host.http('GET', `/rollouts/${rollout}`)).body).toMatchObject({
      state: 'running',
      stages: [{ gate: expect.stringMatching(/settles until/) }],
    });
    await first.check();
    expect(await first.requestPermit('cam/1.1.0')).toMatchObject({ answer: 'granted' });
    expect(await counts()).toMatchObject({ granted: 1, excused: 3, good: 3 });
    await first.report('failed', '1.1.0', 'flash-write');
    const [again] = (await host.http('GET', `/devices/${first.deviceId}/why`)).body.rollouts;
    expect(again).toMatchObject({ rule: 'attempts-used', explanation: 'it has tried 2 of 2 times' });
    for (const device of devices.slice(1, 3)) {
      await device.check();
      expect(await device.requestPermit('cam/1.1.0')).toMatchObject({ answer: 'granted' });
      await device.install('1.1.0');
      device.boots('1.1.0');
      await device.prove();
    }
    expect((await host.http('GET', `/rollouts/${rollout}`)).body).toMatchObject({
      state: 'running',
      counts: { failed: 1, excused: 3, good: 5 },
    });
  });
});

describe('an excuse for a rollout that is not halted', () => {
  let fleet: SmallFleet;
  beforeEach(async () => {
    fleet = await startSmallFleet();
  });
  afterEach(() => fleet.host.stop());

  test.each([
    ['is paused', 400, /^is only for a halted rollout$/],
    ['runs', 409, /^cannot resume: it is running/],
    ['was aborted', 409, /^cannot resume: it is aborted/],
  ])(
    'which %s is refused, and takes no failure out of the evidence by which it halts',
    async (what, status, rule) => {
      const { host, devices, first, launch } = fleet;
      const post = (path: string, body: unknown) => host.http('POST', path, body);
      const rollout = await launch();
      for (const device of devices) await device.check();
      for (const device of devices) await device.requestPermit('cam/1.1.0', false);
      await host.settle();
      for (const device of devices) device.takePermit();
      await first.report('failed', '1.1.0', 'flash-write');
      if (what === 'is paused') await post(`/rollouts/${rollout}/pause`, { reason: 'looking' });
      if (what === 'was aborted') await post(`/rollouts/${rollout}/abort`, { reason: 'enough' });
      const excuses = [{ reasons: ['flash-write'] }, { devices: [first.deviceId] }];
      for (const excuse of excuses) {
        expect(await post(`/rollouts/${rollout}/resume`, { reason: 'hope', excuse })).toMatchObject({
          status,
          body: { error: { rule: expect.stringMatching(rule) } },
        });
      }
      const view = async () => (await host.http('GET', `/rollouts/${rollout}`)).body;
      expect(await view()).toMatchObject({ counts: { failed: 1, excused: 0 } });
      for (const device of devices.slice(1, 3)) await device.report('failed', '1.1.0', 'flash-write');
      expect(await view()).toMatchObject({ state: what === 'was aborted' ? 'aborted' : 'halted' });
    },
  );
});
