import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import type { Item, Key } from '#shared/capabilities/table.ts';
import { ReleaseRevoked, ReleaseWithdrawn } from '#shared/contracts/events/release-events.ts';
import {
  fleetChangeKey,
  fleetKey,
  gateKey,
  HEARING_KEY,
  progressKey,
  releaseKey,
  rolloutKey,
} from '../stores/keys.ts';
import { quickDocument } from '../testing/documents.ts';
import { draftAndLaunch } from '../testing/draft-and-launch.ts';
import { nextId } from '../testing/next-id.ts';
import { publishRelease, revokeRelease } from '../testing/releases.ts';
import { ScriptedDevice } from '../testing/scripted-device.ts';

const RELEASE = 'cam/1.1.0';
const MINUTE_MS = 60_000;

describe('a rollout that cannot be read', () => {
  let host: TestHost;
  let offered: ScriptedDevice;
  let fresh: ScriptedDevice;
  let rollout: string;

  beforeEach(async () => {
    host = await startTestHost({ services: ['rollout-orchestrator'] });
    [offered, fresh] = [new ScriptedDevice(host, 'cam-1'), new ScriptedDevice(host, 'cam-2')];
    for (const device of [offered, fresh]) await device.register();
    await publishRelease(host, '1.1.0', 2);
    const document = quickDocument(RELEASE, { stages: [{ name: 'all', percent: 100 }] });
    rollout = await draftAndLaunch(host, document);
    await offered.check();
  });
  afterEach(() => host.stop());

  const table = () => host.table('rollouts');
  const stored = async (key: Key): Promise<Item> => (await table().get([key], { consistent: true }))[0] ?? {};
  async function damage(key: Key, set: Item): Promise<() => Promise<void>> {
    const before = await stored(key);
    await table().write({ update: key, set });
    return async () => {
      const { pk: _pk, sk: _sk, state: _state, reason: _reason, ...rest } = before;
      const mended = Object.fromEntries(
        Object.keys(set).flatMap((name) => (name in rest ? [[name, rest[name] ?? null]] : [])),
      );
      const remove = Object.keys(set).filter((name) => !(name in rest));
      await table().write({ update: key, set: mended, ...(remove.length > 0 && { remove }) });
    };
  }

  test('(its gate: state) is listed as paused, beside the others', async () => {
    await damage(gateKey(rollout), { state: 'unheard of' });
    const { status, body } = await host.http('GET', '/rollouts');
    expect(status).toBe(200);
    expect(body.rollouts).toMatchObject([{ rollout, state: 'paused' }]);
  });

  test.each([
    ['gate', { granted: 'some' }, gateKey],
    ['gate', { ceiling: '1000' }, gateKey],
    ['gate', { epoch: null }, gateKey],
    ['gate', { heldShare: 20_000 }, gateKey],
    ['progress', { stageFull: 'no' }, progressKey],
    ['progress', { cursor: { upTo: 'everybody', movedMs: 0 } }, progressKey],
    ['progress', { marks: [], granted: 'none' }, progressKey],
    ['fleet', { members: 'two' }, fleetKey],
  ])(
    '(its %s: %j) offers and permits nothing, is paused, and goes on once it is mended and resumed',
    async (_, set, keyOf) => {
      const mend = await damage(keyOf(rollout), set);
      await host.advance(3_000);
      expect(await fresh.check()).toBeUndefined();
      expect(await offered.requestPermit(RELEASE)).toMatchObject({ answer: 'wait' });
      await host.advance(2 * MINUTE_MS);
      // Requests of other rollouts and tenants come in the same batch.
      expect(host.lines.filter(({ message }) => message === 'a queue batch failed')).toEqual([]);
      const { rollouts } = (await host.http('GET', '/rollouts')).body;
      expect(rollouts).toMatchObject([{ rollout, state: 'paused' }]);
      expect(host.events.map(({ detail }) => detail)).toContainEqual(
        expect.objectContaining({ change: 'paused', reason: expect.stringContaining('cannot be read') }),
      );
      await mend();
      expect((await host.http('POST', `/rollouts/${rollout}/resume`, { reason: 'mended' })).status).toBe(200);
      await host.advance(MINUTE_MS);
      expect(await offered.requestPermit(RELEASE)).toMatchObject({ answer: 'granted' });
    },
  );

  test('from before a gate knew the open stage, and a document how permits are given, is paused, and goes on when it is resumed', async () => {
    const { document } = await stored(rolloutKey(rollout));
    const { permits: _permits, ...before } = document as Item;
    await table().write({ update: rolloutKey(rollout), set: { document: before } });
    await table().write({ update: gateKey(rollout), set: {}, remove: ['stage'] });
    await host.advance(3_000);
    expect(await offered.requestPermit(RELEASE)).toMatchObject({ answer: 'wait' });
    await host.advance(2 * MINUTE_MS);
    expect((await host.http('GET', '/rollouts')).body.rollouts).toMatchObject([{ rollout, state: 'paused' }]);
    const resumed = await host.http('POST', `/rollouts/${rollout}/resume`, { reason: 'read again' });
    expect(resumed.status).toBe(200);
    await host.advance(MINUTE_MS);
    expect(await offered.requestPermit(RELEASE)).toMatchObject({ answer: 'granted' });
  });

  /** Damages a part of its document; answers what mends it. */
  async function damageDocument(part: Item): Promise<() => Promise<void>> {
    const { document } = await stored(rolloutKey(rollout));
    return damage(rolloutKey(rollout), { document: { ...(document as Item), ...part } });
  }

  test.each<[string, Item]>([
    ['selector', { selector: 'hardware ==' }],
    ['stages', { stages: [] }],
    ['halt', { halt: { failureRate: 0 } }],
    ['retry', { retry: null }],
    ['permits', { permits: 'maybe' }],
    ['permitForMs', { permitForMs: '10m' }],
    ['priority', { priority: null }],
  ])(
    '(its document: %s) offers and permits nothing, is paused, and goes on once it is mended and resumed',
    async (field, part) => {
      const mend = await damageDocument(part);
      await host.advance(3_000);
      expect(await fresh.check()).toBeUndefined();
      expect(await offered.requestPermit(RELEASE)).toMatchObject({ answer: 'wait' });
      await host.advance(2 * MINUTE_MS);
      expect((await host.http('GET', '/rollouts')).body.rollouts).toMatchObject([
        { rollout, release: RELEASE, state: 'paused' },
      ]);
      const { body } = await host.http('GET', `/rollouts/${rollout}`);
      expect(body).toMatchObject({ unreadable: expect.stringContaining(`document.${field}`), stages: [] });
      expect((await host.http('POST', `/rollouts/${rollout}/resume`, { reason: 'try' })).status).toBe(409);
      await mend();
      expect((await host.http('POST', `/rollouts/${rollout}/resume`, { reason: 'mended' })).status).toBe(200);
      await host.advance(MINUTE_MS);
      expect(await offered.requestPermit(RELEASE)).toMatchObject({ answer: 'granted' });
    },
  );

  test('(its document) is aborted by an operator, and its audit log shows who did', async () => {
    await damageDocument({ selector: 'hardware ==' });
    const { status } = await host.http('POST', `/rollouts/${rollout}/abort`, { reason: 'damaged' });
    expect(status).toBe(200);
    const { body } = await host.http('GET', `/rollouts/${rollout}/audit`);
    expect(JSON.stringify(body)).toContain('damaged');
  });

  describe.each<[string, (rollout: string) => Key, { set?: Item; remove?: string[] }]>([
    ['gate names no stage, as of a time before gates did', gateKey, { remove: ['stage'] }],
    ['gate: stage', gateKey, { set: { stage: 'first' } }],
    ['progress: stage', progressKey, { set: { stage: null } }],
    ['progress: revision', progressKey, { remove: ['revision'] }],
  ])('(its %s)', (_, keyOf, { set = {}, remove = [] }) => {
    beforeEach(async () => {
      await table().write({ update: keyOf(rollout), set, remove });
    });
    const post = (path: string) =>
      host.http('POST', `/rollouts/${rollout}/${path}`, { reason: 'cannot be read' });

    test('permits nothing, and can be paused and then aborted', async () => {
      expect(await offered.requestPermit(RELEASE)).toMatchObject({ answer: 'wait' });
      expect((await post('pause')).body).toMatchObject({ state: 'paused' });
      expect((await post('abort')).body).toMatchObject({ state: 'aborted' });
    });

    test('is paused by itself, and aborted with its release', async () => {
      await host.advance(2 * MINUTE_MS);
      expect((await stored(gateKey(rollout))).state).toBe('paused');
      await revokeRelease(host, '1.1.0', 2);
      expect((await stored(gateKey(rollout))).state).toBe('aborted');
      expect(host.events.map(({ type }) => type)).toContain(ReleaseWithdrawn.type);
    });
  });

  test('whose gate names no stage goes on once it is paused and resumed, in the stage in which it was', async () => {
    await table().write({ update: gateKey(rollout), set: {}, remove: ['stage'] });
    await host.advance(2 * MINUTE_MS);
    expect(await stored(gateKey(rollout))).toMatchObject({ state: 'paused', stage: 0 });
    const { status } = await host.http('POST', `/rollouts/${rollout}/resume`, { reason: 'read again' });
    expect(status).toBe(200);
    await host.advance(MINUTE_MS);
    expect(await offered.requestPermit(RELEASE)).toMatchObject({ answer: 'granted' });
  });

  test('(its document) is aborted when its release is revoked, which is acknowledged', async () => {
    await damageDocument({ selector: 'hardware ==' });
    const detail = { id: nextId(), v: 1, tenant: 'acme', atMs: host.world.now(), product: 'cam' };
    await host.invoke('onReleaseRevoked', {
      source: ReleaseRevoked.source,
      'detail-type': ReleaseRevoked.type,
      detail: { ...detail, version: '1.1.0', sequence: 2, reason: 'found to brick' },
    });
    await host.settle();
    expect((await host.http('GET', `/rollouts/${rollout}`)).body.state).toBe('aborted');
    expect(host.events.map(({ type }) => type)).toContain(ReleaseWithdrawn.type);
  });

  test('(its document) keeps the devices of its product from every other rollout until it is over', async () => {
    await publishRelease(host, '1.2.0', 3);
    const document = quickDocument('cam/1.2.0', { stages: [{ name: 'all', percent: 100 }], priority: 900 });
    const { body } = await host.http('POST', '/rollouts', { document });
    await host.http('POST', `/rollouts/${body.rollout}/launch`);
    await host.advance(5_000);
    await damageDocument({ selector: 'hardware ==' });
    await host.advance(3_000);
    expect(await fresh.check()).toBeUndefined();
    const why = (await host.http('GET', `/devices/${fresh.deviceId}/why`)).body;
    expect(why.rollouts).toMatchObject([
      { rollout, rule: 'paused', explanation: expect.stringContaining('document.selector') },
      { rollout: body.rollout, rule: 'blocked-by-paused' },
    ]);
    await host.http('POST', `/rollouts/${rollout}/abort`, { reason: 'damaged' });
    await host.advance(3_000);
    expect(await fresh.check()).toMatchObject({ rollout: body.rollout });
  });

  test('has proofs counted where nobody can read when devices could last not be heard', async () => {
    await offered.requestPermit(RELEASE);
    expect(await offered.install('1.1.0')).toBe(true);
    const mend = await damage(HEARING_KEY, { awayFromMs: 'never' });
    offered.boots('1.1.0');
    await offered.prove();
    await host.advance(3_000);
    await mend();
    const { body } = await host.http('GET', `/rollouts/${rollout}`);
    expect(body.counts).toMatchObject({ good: 1 });
  });

  test('has its members counted again where nobody can read whether they changed', async () => {
    await damage(fleetChangeKey('acme', 'cam'), { changesUntilMs: 'soon' });
    const { countBeganMs } = await stored(fleetKey(rollout));
    await host.advance(2 * MINUTE_MS);
    expect((await stored(fleetKey(rollout))).countBeganMs).toBeGreaterThan(Number(countBeganMs));
  });

  test('keeps its devices from the rollouts below it, as one that is paused does, until it is over', async () => {
    await damage(gateKey(rollout), { granted: 'some' });
    await publishRelease(host, '1.2.0', 3);
    const document = quickDocument('cam/1.2.0', { stages: [{ name: 'all', percent: 100 }], priority: 1 });
    const { body } = await host.http('POST', '/rollouts', { document });
    await host.http('POST', `/rollouts/${body.rollout}/launch`);
    await host.advance(5_000);
    expect(await fresh.check()).toBeUndefined();
    const why = (await host.http('GET', `/devices/${fresh.deviceId}/why`)).body;
    expect(why.rollouts).toMatchObject([
      { rollout, rule: 'paused', explanation: expect.stringContaining('gate.granted must be') },
      { rollout: body.rollout, rule: 'blocked-by-paused' },
    ]);
    await host.http('POST', `/rollouts/${rollout}/abort`, { reason: 'damaged' });
    await host.advance(3_000);
    expect(await fresh.check()).toMatchObject({ rollout: body.rollout });
  });

  test.each([
    ['revoked', { revoked: 'no' }],
    ['sequence', { sequence: 'two' }],
    ['artifacts', { artifacts: [{ hardware: 'cam-rev-b' }] }],
  ])(
    'offers and permits nothing of a release whose %s cannot be read, and answers devices of other products',
    async (_, set) => {
      await damage(releaseKey('acme', 'cam', '1.1.0'), set);
      await host.advance(3_000);
      expect(await fresh.check()).toBeUndefined();
      expect(await offered.requestPermit(RELEASE)).toBeUndefined();
      expect(JSON.stringify(host.lines)).toContain('release: ');
    },
  );
});
