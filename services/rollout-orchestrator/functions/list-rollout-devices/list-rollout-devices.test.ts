import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import type { RolloutDevice } from '#shared/contracts/api/rollout-devices.ts';
import { attemptKey, deviceKey } from '../../stores/keys.ts';
import { quickDocument } from '../../testing/documents.ts';
import { publishRelease } from '../../testing/releases.ts';
import { ScriptedDevice } from '../../testing/scripted-device.ts';

const RELEASE = 'cam/1.1.0';
const TARGET = '1.1.0';
/** By then every attempt has ended. */
const ALL_OVER_MS = 600_000;
/** Nothing halts it, and everybody who asks is served. */
const PATIENT = {
  stages: [{ name: 'all', percent: '100%' }],
  halt: {
    failureRate: '50%',
    lostRate: '50%',
    silentAfter: '30s',
    suspectAtLeast: '10s',
    installWithin: '30s',
  },
  permitFor: '5m',
  pace: { firstWindow: 100 },
};
/** What each of these devices does with its permit. */
const FATES: Readonly<Record<string, (device: ScriptedDevice) => Promise<unknown>>> = {
  'cam-failed': async (device) => {
    await device.report('installing', TARGET);
    await device.report('failed', TARGET, 'flash-write');
  },
  'cam-good': async (device) => {
    await device.install(TARGET);
    device.boots(TARGET);
    await device.check();
  },
  'cam-lost': (device) => device.report('installing', TARGET),
  'cam-reverted': async (device) => {
    await device.install(TARGET);
    device.boots('1.0.0');
    await device.check();
  },
  'cam-silent': (device) => device.install(TARGET),
  'cam-transient': async (device) => {
    await device.report('installing', TARGET);
    await device.report('failed', TARGET, 'battery');
  },
  'cam-void': () => Promise.resolve(),
};

let host: TestHost;
let rollout: string;
const devices = new Map<string, ScriptedDevice>();
const named = (name: string) => devices.get(name) as ScriptedDevice;

async function register(name: string): Promise<void> {
  devices.set(name, new ScriptedDevice(host, name));
  await named(name).register();
}
async function permit(name: string): Promise<void> {
  await named(name).check();
  expect(await named(name).requestPermit(RELEASE)).toMatchObject({ answer: 'granted' });
}
const list = (query = '', tenant = 'acme') =>
  host.http('GET', `/rollouts/${rollout}/devices?${query}`, undefined, { tenant, role: 'viewer' });
const namesOf = (body: { devices: RolloutDevice[] }) => body.devices.map(({ deviceId }) => deviceId).sort();
const listed = async (query = '') => namesOf((await list(query)).body);
/** All pages, each with the devices it has. */
async function walk(query: string): Promise<string[][]> {
  const pages: string[][] = [];
  let cursor = '';
  do {
    const { status, body } = await list(`${query}${cursor && `&cursor=${cursor}`}`);
    expect(status).toBe(200);
    pages.push(namesOf(body));
    cursor = body.cursor ?? '';
  } while (cursor !== '');
  return pages;
}

/** A host with a rollout of which each device has met its fate, and one that has just been granted its permit. */
async function begin(overrides: object = {}, strict = true): Promise<void> {
  host = await startTestHost({ services: ['rollout-orchestrator'], strict });
  for (const name of [...Object.keys(FATES), 'cam-open', 'cam-never-asked']) await register(name);
  await publishRelease(host, TARGET, 2);
  const document = quickDocument(RELEASE, { ...PATIENT, ...overrides });
  rollout = (await host.http('POST', '/rollouts', { document })).body.rollout;
  await host.http('POST', `/rollouts/${rollout}/launch`);
  // An eventual read may be a second old: by then nobody is told to come back later any more.
  await host.advance(2_000);
  const asking = Object.keys(FATES).map(named);
  for (const device of asking) await device.check();
  // All at once: a rollout that halts at two grants no more while it waits for two.
  for (const device of asking) await device.requestPermit(RELEASE, false);
  await host.settle();
  for (const device of asking) expect(device.takePermit()).toMatchObject({ answer: 'granted' });
  for (const [name, live] of Object.entries(FATES)) await live(named(name));
  await host.advance(ALL_OVER_MS);
}
async function end(): Promise<void> {
  devices.clear();
  await host.stop();
}

describe('the devices of a rollout', () => {
  beforeAll(async () => {
    await begin();
    await permit('cam-open');
  });
  afterAll(end);

  test.each([
    ['open', ['cam-open']],
    ['granted', ['cam-open']],
    ['installing', []],
    ['good', ['cam-good']],
    ['failed', ['cam-failed']],
    ['reverted', ['cam-reverted']],
    ['silent', ['cam-silent']],
    ['lost', ['cam-lost']],
    ['void', ['cam-void']],
    ['transient', ['cam-transient']],
    ['recovered', []],
  ])('that are %s are found, as many as the rollout shows', async (end, names) => {
    expect(await listed(`end=${end}`)).toEqual(names);
    const { counts } = (await host.http('GET', `/rollouts/${rollout}`)).body;
    if (end !== 'open') expect(counts[end]).toBe(names.length);
  });

  test('are all that had a permit, each once, whoever never asked left out', async () => {
    expect(await listed()).toEqual([...Object.keys(FATES), 'cam-open'].sort());
  });

  test('are found by the reason of their end', async () => {
    expect(await listed('reason=flash-write')).toEqual(['cam-failed']);
    expect(await listed('reason=battery')).toEqual(['cam-transient']);
    expect(await listed('reason=permit-expired')).toEqual(['cam-void']);
    // Those that said nothing are counted under these words, and found by them.
    for (const word of ['silent', 'lost', 'reverted']) {
      expect(await listed(`reason=${word}`)).toEqual([`cam-${word}`]);
    }
    expect(await listed('end=silent&reason=flash-write')).toEqual([]);
    expect(await listed('end=open&reason=flash-write')).toEqual([]);
  });

  test('say what became of them', async () => {
    const [failed] = (await list('end=failed')).body.devices;
    expect(failed).toMatchObject({
      deviceId: 'cam-failed',
      hardware: 'cam-rev-b',
      from: '1.0.0',
      attempt: named('cam-failed').attempt,
      state: 'failed',
      reason: 'flash-write',
      transient: false,
      excused: false,
      recovered: false,
    });
    expect(failed.endedAtMs).toBeGreaterThanOrEqual(failed.grantedAtMs);
    const [open] = (await list('end=open')).body.devices;
    expect(open).not.toHaveProperty('endedAtMs');
  });

  test.each(['', 'end=transient'])('come page by page, each once and none left out (%s)', async (query) => {
    const pages = await walk(`${query}&limit=1`);
    expect(pages.every((page) => page.length <= 1)).toBe(true);
    expect(pages.flat().sort()).toEqual(await listed(query));
  });

  test('of another tenant are nobody, whoever asks with whichever cursor', async () => {
    const { cursor } = (await list('limit=1')).body;
    expect(cursor).toEqual(expect.any(String));
    for (const query of ['', 'end=silent', `limit=1&cursor=${cursor}`]) {
      expect(await list(query, 'other')).toMatchObject({
        status: 404,
        body: { error: { field: 'rollout' } },
      });
    }
  });

  test.each([
    ['end', 'end=bad'],
    ['reason', 'reason=Flash%20Write'],
    ['limit', 'limit=0'],
    ['limit', 'limit=101'],
    ['cursor', 'cursor=Y2F0IQ'],
    ['cursor', `cursor=${Buffer.from('3acam#1').toString('base64url')}`],
    ['cursor', `cursor=${Buffer.from('3acam-1').toString('base64url')}==`],
    ['state', 'state=silent'],
  ])('are refused by the name of what is wrong: %s in %s', async (field, query) => {
    expect(await list(query)).toMatchObject({ status: 400, body: { error: { field } } });
  });
});

describe('devices of a rollout that changes', () => {
  beforeEach(async () => {
    await begin();
    await permit('cam-open');
  });
  afterEach(end);

  test('are shown as silent and heard again when they come back', async () => {
    named('cam-silent').boots(TARGET);
    await named('cam-silent').check();
    expect((await list('end=silent')).body.devices).toMatchObject([
      { deviceId: 'cam-silent', recovered: true },
    ]);
    expect(await listed('end=recovered')).toEqual(['cam-silent']);
  });

  test('are looked for a thousand at a time, in a large fleet', async () => {
    for (let n = 0; n < 2_500; n += 1) await new ScriptedDevice(host, `other-${n}`).register();
    const pages = await walk('end=open');
    expect(pages.length).toBeGreaterThanOrEqual(3);
    expect(pages.flat()).toEqual(['cam-open']);
    expect(await walk('end=silent')).toEqual([['cam-silent']]);
  });

  test('that cannot be read are named, whatever is asked for, and hide no other', async () => {
    const table = host.table('rollouts');
    await table.write({ update: attemptKey(rollout, 'acme', 'cam-lost'), set: { state: 'gone' } });
    const { body } = await list('end=silent');
    expect(namesOf(body)).toEqual(['cam-silent']);
    expect(body.unreadable).toEqual([{ deviceId: 'cam-lost', what: expect.stringContaining('state') }]);
    await table.write({ update: deviceKey('acme', 'cam-good'), set: { floor: 'none' } });
    const open = (await list('end=open')).body;
    expect(namesOf(open)).toEqual(['cam-open']);
    expect(open.unreadable.map(({ deviceId }: { deviceId: string }) => deviceId).sort()).toEqual([
      'cam-good',
      'cam-lost',
    ]);
  });
});

test('devices that were excused are listed as excused, with how they ended', async () => {
  await begin({ halt: { ...PATIENT.halt, failureRate: '1%' } });
  const excuse = { devices: ['cam-failed', 'cam-silent'] };
  const resumed = await host.http('POST', `/rollouts/${rollout}/resume`, { reason: 'a power cut', excuse });
  expect(resumed).toMatchObject({ status: 200 });
  const excused = (await list('end=excused')).body.devices.map(
    ({ deviceId, state, excused }: RolloutDevice) => [deviceId, state, excused],
  );
  expect(excused.sort()).toEqual([
    ['cam-failed', 'failed', true],
    ['cam-silent', 'silent', true],
  ]);
  expect(await listed('end=silent')).toEqual([]);
  expect(await listed('end=failed')).toEqual([]);
  expect(await listed('end=reverted')).toEqual(['cam-reverted']);
  await end();
});

test('devices are what they are in their last attempt, not in the one before', async () => {
  // A request that is delivered again would get the second attempt.
  await begin({ retry: { attempts: 2 } }, false);
  await permit('cam-open');
  await permit('cam-failed');
  expect(await listed('end=failed')).toEqual([]);
  expect(await listed('reason=flash-write')).toEqual([]);
  expect(await listed('end=open')).toEqual(['cam-failed', 'cam-open']);
  await FATES['cam-good']?.(named('cam-failed'));
  expect(await listed('end=good')).toEqual(['cam-failed', 'cam-good']);
  await end();
});
