import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { HearingInterrupted } from '#shared/contracts/events/hearing-interrupted.ts';
import { ReleaseRevoked } from '#shared/contracts/events/release-events.ts';
import { lifeOf } from './steps/control-rollout.ts';
import { RolloutReader } from './steps/rollout-evidence.ts';
import { ControlStore } from './stores/control-store.ts';
import { counterKey, gateKey, rolloutPartition } from './stores/keys.ts';
import { BenchDevice, grantedIn, nextId, publishRelease } from './testing/bench-fleet.ts';
import { quickDocument } from './testing/documents.ts';

const ALL_AT_ONCE = { stages: [{ name: 'all', percent: '100%' }] };

describe('control of a rollout', () => {
  let host: TestHost;
  let devices: BenchDevice[];

  beforeEach(async () => {
    host = await startTestHost({ services: ['rollout-orchestrator'] });
    devices = Array.from({ length: 6 }, (_, n) => new BenchDevice(host, `cam-${n}`));
    for (const device of devices) await device.register();
    await publishRelease(host, '1.1.0', 2);
  });

  afterEach(async () => {
    await host.stop();
  });

  const first = (): BenchDevice => devices[0] as BenchDevice;
  const post = (path: string, body?: unknown) => host.http('POST', path, body);

  async function launch(overrides: Record<string, unknown> = ALL_AT_ONCE): Promise<string> {
    const { body } = await post('/rollouts', { document: quickDocument('cam/1.1.0', overrides) });
    await post(`/rollouts/${body.rollout}/launch`);
    await host.settle();
    return body.rollout;
  }

  /** Revokes release cam/1.1.0, as firmware-storage would on the bus. */
  async function revoke(): Promise<void> {
    const { source, type } = ReleaseRevoked;
    const release = { product: 'cam', version: '1.1.0', sequence: 2, reason: 'erases calibration' };
    const detail = { id: nextId(), v: 1, tenant: 'acme', atMs: host.world.now(), ...release };
    await host.invoke('onReleaseRevoked', { source, 'detail-type': type, detail });
    await host.settle();
  }

  const spoilCounters = (rollout: string) =>
    host.table('rollouts').write({ update: counterKey(rollout, 3), set: { '1.good': -1 } });

  test('a paused rollout lets devices wait, and grants when it is resumed', async () => {
    const rollout = await launch();
    await first().check();
    await post(`/rollouts/${rollout}/pause`, { reason: 'lunch' });
    expect(await first().requestPermit('cam/1.1.0')).toMatchObject({ answer: 'wait' });
    expect(await post(`/rollouts/${rollout}/resume`, { reason: 'back' })).toMatchObject({
      body: { state: 'running' },
    });
    expect(await first().requestPermit('cam/1.1.0')).toMatchObject({ answer: 'granted' });
  });

  test('a repeated request gets the same attempt with what is left of its life', async () => {
    await launch();
    await first().check();
    const permit = grantedIn(await first().requestPermit('cam/1.1.0'));
    await host.advance(100_000);
    const repeat = grantedIn(await first().requestPermit('cam/1.1.0'));
    expect(repeat.attempt).toBe(permit.attempt);
    expect(repeat.seconds).toBeLessThan(permit.seconds - 99);
  });

  test('an install that did not begin is withdrawn after an abort, and is counted void', async () => {
    const rollout = await launch();
    await first().check();
    await first().requestPermit('cam/1.1.0');
    await post(`/rollouts/${rollout}/abort`, { reason: 'wrong artwork' });
    expect(await first().report('installing', '1.1.0')).toMatchObject({ answer: 'withdrawn' });
    await host.advance(4_000_000);
    const { body } = await host.http('GET', `/rollouts/${rollout}`);
    expect(body).toMatchObject({
      state: 'aborted',
      reason: 'wrong artwork',
      counts: { void: 1, installing: 0 },
    });
  });

  test('an install that began goes on after an abort, and its proof is counted', async () => {
    const rollout = await launch();
    await first().check();
    await first().requestPermit('cam/1.1.0');
    await first().report('installing', '1.1.0');
    await post(`/rollouts/${rollout}/abort`, { reason: 'wrong artwork' });
    expect(await first().report('rebooting', '1.1.0')).toMatchObject({ ackSeq: 2 });
    first().boots('1.1.0');
    await first().check();
    const { body } = await host.http('GET', `/rollouts/${rollout}`);
    expect(body.counts).toMatchObject({ good: 1 });
  });

  test('a halted rollout resumes only with an excuse that brings it below the line', async () => {
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
      [{ devices: [first().deviceId], reasons: ['flash-wirte'] }, /they are flash-write\), not flash-wirte/],
      [{ reasons: ['Bad Flash!'] }, /must be 1 to 40 of a-z, 0-9 and -/],
    ] as const) {
      const typo = await post(`/rollouts/${rollout}/resume`, { reason: 'bench', excuse });
      expect(typo).toMatchObject({
        status: 400,
        body: { error: { field: expect.stringMatching(/^excuse\./), rule: expect.stringMatching(rule) } },
      });
    }
    const little = { reason: 'bench', excuse: { devices: [first().deviceId] } };
    expect(await post(`/rollouts/${rollout}/resume`, little)).toMatchObject({ status: 409 });
    const enough = { reason: 'bad cable on the bench', excuse: { reasons: ['flash-write'] } };
    expect(await post(`/rollouts/${rollout}/resume`, enough)).toMatchObject({
      status: 200,
      body: { state: 'running', counts: { failed: 0, excused: 3 } },
    });
  });

  test('a rollout that silence halted resumes with the very word that its failures are shown by', async () => {
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

  test('revoking aborts the rollout and is acknowledged once nothing can follow', async () => {
    const rollout = await launch();
    await first().check();
    await revoke();
    expect(await first().requestPermit('cam/1.1.0')).toMatchObject({ answer: 'withdrawn' });
    expect((await host.http('GET', `/rollouts/${rollout}`)).body.state).toBe('aborted');
    expect(host.events.map((event) => event.type)).toContain('ReleaseWithdrawn');
    expect(await post('/rollouts', { document: quickDocument('cam/1.1.0') })).toMatchObject({
      status: 400,
      body: { error: { field: 'release' } },
    });
  });

  test('silence while nobody could hear is not scored, and clocks start again with a grace', async () => {
    const rollout = await launch({ ...ALL_AT_ONCE, halt: { silentAfter: '120s', suspectAtLeast: '10s' } });
    for (const device of devices) await device.check();
    for (const device of devices) await device.requestPermit('cam/1.1.0', false);
    await host.settle();
    for (const device of devices) {
      device.takePermit();
      await device.install('1.1.0');
    }
    const untilMs = host.world.now() + 50_000;
    await host.advance(50_000);
    const detail = {
      id: nextId(),
      v: 1,
      tenant: 'evenkeel',
      atMs: untilMs,
      fromMs: untilMs - 40_000,
      untilMs,
    };
    await host.invoke('onHearingInterrupted', {
      source: HearingInterrupted.source,
      'detail-type': HearingInterrupted.type,
      detail,
    });
    await host.advance(100_000);
    expect((await host.http('GET', `/rollouts/${rollout}`)).body).toMatchObject({
      state: 'running',
      counts: { silent: 0 },
    });
    await host.advance(300_000);
    expect((await host.http('GET', `/rollouts/${rollout}`)).body).toMatchObject({ state: 'halted' });
  });

  test('in a restored backup every rollout that ran is paused before anything else, also one that cannot be read, and no other', async () => {
    const running = await launch();
    const waiting = await launch({ ...ALL_AT_ONCE, priority: 1 });
    await post(`/rollouts/${waiting}/pause`, { reason: 'lunch' });
    const unreadable = await launch({ ...ALL_AT_ONCE, priority: 2 });
    await host.table('rollouts').write({ update: counterKey(unreadable, 3), set: { '1.good': -1 } });
    await first().check();
    const untilMs = host.world.now();
    const restoredFromMs = untilMs - 86_400_000;
    const { source, type } = HearingInterrupted;
    const id = nextId();
    const detail = {
      id,
      v: 1,
      tenant: 'evenkeel',
      atMs: untilMs,
      fromMs: restoredFromMs,
      untilMs,
      restoredFromMs,
    };
    // Twice: who cannot note that it was told tells again.
    for (let times = 0; times < 2; times++)
      await host.invoke('onHearingInterrupted', { source, 'detail-type': type, detail });
    const reason = `restored from a backup of ${new Date(restoredFromMs).toISOString()}: what happened since is not known`;
    for (const rollout of [running, unreadable]) {
      const [gate] = await host.table('rollouts').get([gateKey(rollout)], { consistent: true });
      expect(gate).toMatchObject({ state: 'paused', reason });
    }
    const [gate] = await host.table('rollouts').get([gateKey(waiting)], { consistent: true });
    expect(gate).toMatchObject({ state: 'paused', reason: 'lunch' });
    expect(await first().requestPermit('cam/1.1.0')).toMatchObject({ answer: 'wait' });
    expect(await post(`/rollouts/${running}/resume`, { reason: 'nothing is missing' })).toMatchObject({
      body: { state: 'running' },
    });
  });

  test('a rollout whose counters cannot be read is paused, and the audit log and the bus say so', async () => {
    const rollout = await launch();
    const table = host.table('rollouts');
    await table.write({ update: counterKey(rollout, 3), set: { '1.good': 'many' } });
    await host.advance(120_000);
    const reason = expect.stringContaining('1.good: must be a whole number, not many');
    const [gate] = await table.get([gateKey(rollout)], { consistent: true });
    expect(gate).toMatchObject({ state: 'paused', reason });
    const { items } = await table.query({
      partition: rolloutPartition(rollout),
      prefix: 'audit#',
      descending: true,
      limit: 10,
    });
    expect(items.map(({ action }) => action)).toEqual(['pause', 'launch', 'create']);
    expect(items[0]).toMatchObject({
      actor: 'evenkeel',
      reason,
      before: { state: 'running', stage: 0 },
      after: { state: 'paused', stage: 0 },
    });
    expect(host.events.map(({ detail }) => detail)).toContainEqual(
      expect.objectContaining({ rollout, change: 'paused', reason }),
    );
    expect(await first().check()).toBeUndefined();
  });

  test('a rollout whose counters cannot be read is shown and can be aborted, and nothing else', async () => {
    const rollout = await launch();
    await first().check();
    await first().requestPermit('cam/1.1.0');
    await spoilCounters(rollout);
    await host.advance(120_000);
    const unreadable = expect.stringContaining('1.good');
    expect(await host.http('GET', `/rollouts/${rollout}`)).toMatchObject({
      status: 200,
      body: { state: 'paused', unreadable, counts: { granted: 1, good: 0 }, evidence: [] },
    });
    expect(await post(`/rollouts/${rollout}/resume`, { reason: 'looks fine' })).toMatchObject({
      status: 409,
      body: { error: { code: 'wrong-state', rule: expect.stringContaining('can be paused or aborted') } },
    });
    expect(await post(`/rollouts/${rollout}/abort`, { reason: 'counters are broken' })).toMatchObject({
      status: 200,
      body: { state: 'aborted', unreadable },
    });
  });

  test('a release is revoked whatever the counters of its rollouts say', async () => {
    const rollouts = [await launch(), await launch(), await launch()];
    for (const rollout of rollouts.slice(0, 2)) await spoilCounters(rollout);
    await revoke();
    for (const rollout of rollouts)
      expect((await host.http('GET', `/rollouts/${rollout}`)).body.state).toBe('aborted');
    expect(host.events.map((event) => event.type)).toContain('ReleaseWithdrawn');
  });

  test('a stage that is opened by hand twice is opened once', async () => {
    const stages = ['canary', 'early', 'all'].map((name, at) => ({ name, percent: [10, 50, 100][at] }));
    const rollout = await launch({ stages });
    const opening = { reason: 'the bench is fine', stage: 'early' };
    const states = ({ body }: { body: { stages: { state: string }[] } }) =>
      body.stages.map(({ state }) => state);
    for (const time of ['once', 'again']) {
      const answer = await post(`/rollouts/${rollout}/advance`, opening);
      expect({ time, status: answer.status, stages: states(answer) }).toEqual({
        ...{ time, status: 200 },
        stages: ['passed', 'open', 'waiting'],
      });
    }
    expect(await post(`/rollouts/${rollout}/advance`, { ...opening, stage: 'nowhere' })).toMatchObject({
      status: 400,
      body: { error: { field: 'stage', rule: expect.stringContaining('canary, early, all') } },
    });
  });

  test('nobody stops a rollout in a stage that it has left', async () => {
    const stages = ['canary', 'all'].map((name, at) => ({ name, percent: [10, 100][at] }));
    const rollout = await launch({ stages });
    const table = host.table('rollouts');
    const seen = await new RolloutReader(table).readControl(rollout);
    await post(`/rollouts/${rollout}/advance`, { reason: 'the bench is fine' });
    if (seen === undefined) throw new Error('the rollout is gone');
    const before = lifeOf(seen);
    const late = {
      record: seen.record,
      before,
      after: { ...before, state: 'aborted' as const },
      command: { kind: 'abort' as const, reason: 'wrong artwork' },
      actor: 'operator:ada',
      atMs: host.world.now(),
      id: nextId(),
    };
    expect(await new ControlStore(table).change(late)).toBe(false);
    await post(`/rollouts/${rollout}/abort`, { reason: 'wrong artwork' });
    const range = { partition: rolloutPartition(rollout), prefix: 'audit#', descending: true, limit: 1 };
    const { items } = await table.query(range);
    expect(items[0]).toMatchObject({ action: 'abort', after: { state: 'aborted', stage: 1 } });
  });

  test('why answers with the rule that decided', async () => {
    const rollout = await launch({ selector: 'tag("beta")' });
    expect(await first().check()).toBeUndefined();
    const { body } = await host.http('GET', `/devices/${first().deviceId}/why`);
    expect(body).toMatchObject({ decision: 'nothing', rollouts: [{ rollout, rule: 'not-selected' }] });
  });

  test('why says of a device what is in the way while no rollout is active', async () => {
    const why = async (deviceId: string) => (await host.http('GET', `/devices/${deviceId}/why`)).body;
    expect(await why(first().deviceId)).toMatchObject({
      decision: 'nothing',
      explanation: 'no rollout of cam is active',
      rollouts: [],
    });
    const rare = new BenchDevice(host, 'cam-rare');
    await rare.register({ hardware: 'cam-rev-z' });
    expect(await why('cam-rare')).toMatchObject({
      decision: 'nothing',
      explanation: 'no release of cam is for cam-rev-z, they are for cam-rev-b',
    });
    await rare.register({ entityVersion: 2, decommissioned: true });
    expect(await why('cam-rare')).toMatchObject({
      decision: 'refused',
      explanation: 'the device is decommissioned',
    });
    await revoke();
    expect(await why(first().deviceId)).toMatchObject({
      explanation: 'cam has no release that may be installed',
    });
    await publishRelease(host, '1.2.0', 3);
    await host.http('POST', '/rollouts', { document: quickDocument('cam/1.2.0') });
    expect(await why(first().deviceId)).toMatchObject({ explanation: 'no rollout of cam is active' });
  });

  test('why says of a device that is offered a release when its permit would have to wait', async () => {
    await launch({ ...ALL_AT_ONCE, pace: { firstWindow: 2 } });
    for (const device of devices) await device.check();
    const explained = async ({ deviceId }: BenchDevice) => {
      const { body } = await host.http('GET', `/devices/${deviceId}/why`);
      return { decision: body.decision, ...body.rollouts[0] };
    };
    const roomy = await explained(first());
    expect(roomy).toMatchObject({ decision: 'offer', explanation: 'it is offered cam/1.1.0' });
    const answers = new Map<BenchDevice, unknown>();
    for (const device of devices) answers.set(device, (await device.requestPermit('cam/1.1.0'))?.answer);
    const waiting = devices.filter((device) => answers.get(device) === 'wait');
    expect(waiting.length).toBeGreaterThan(0);
    for (const device of waiting) {
      expect(await explained(device)).toMatchObject({
        rule: 'offered',
        explanation: expect.stringMatching(/its permit would be told to wait: the window .* is full, 2 of 2/),
        change: expect.stringMatching(/the window widens/),
      });
    }
  });

  test('a device that runs the wrong hardware is refused by field and rule', async () => {
    await launch();
    await host.publishFromDevice(first().thing, 'check', {
      v: 1,
      nonce: 'nonce-x-000001',
      hardware: 'cam-rev-z',
      components: { main: { version: '1.0.0' } },
      bootId: 'boot-x-000001',
      confirmed: true,
    });
    await host.settle();
    expect(host.deviceMessages(first().thing).at(-1)?.json).toMatchObject({
      message: 'check',
      field: 'hardware',
    });
  });

  test.each([
    ['an unknown field', { colour: 'blue' }, 'colour'],
    [
      'a stage below the one before',
      {
        stages: [
          { name: 'a', percent: '20%' },
          { name: 'b', percent: '5%' },
        ],
      },
      'stages.1.percent',
    ],
    ['a rate that is none', { halt: { failureRate: '200%' } }, 'halt.failureRate'],
    ['a selector that does not parse', { selector: 'hardware in' }, 'selector'],
    ['what is not supported yet', { mode: 'download-only' }, 'mode'],
  ])('a document with %s is refused by name', async (_what, overrides, field) => {
    const answer = await post('/rollouts', { document: quickDocument('cam/1.1.0', overrides) });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'refused', field } } });
  });

  test('a rollout of another tenant does not exist', async () => {
    const rollout = await launch();
    expect(await host.http('GET', `/rollouts/${rollout}`, undefined, { tenant: 'other' })).toMatchObject({
      status: 404,
    });
    expect(
      await host.http('POST', `/rollouts/${rollout}/pause`, { reason: 'x' }, { tenant: 'other' }),
    ).toMatchObject({ status: 404 });
  });

  test('a viewer may look and not touch', async () => {
    const rollout = await launch();
    const viewer = { role: 'viewer' } as const;
    expect(await host.http('GET', `/rollouts/${rollout}`, undefined, viewer)).toMatchObject({ status: 200 });
    expect(await host.http('POST', `/rollouts/${rollout}/pause`, { reason: 'x' }, viewer)).toMatchObject({
      status: 403,
    });
  });
});
