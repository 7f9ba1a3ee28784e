import type { AgentTiming } from '#device/agent/settings.ts';
import type { DeviceTraits } from '../fleet/simulated-device.ts';
import type { ReleasePlan } from '../operators/manufacturer.ts';
import { RandomStream } from '../world/random-stream.ts';

/** The product of every manufacturer: names are the same on purpose, so that nothing but the tenant keeps them apart. */
export const PRODUCT = 'cam';
const HARDWARE = ['cam-rev-b', 'cam-rev-c'] as const;
const MINUTE_MS = 60_000;

/** A rollout that an operator launches. */
export interface RolloutPlan {
  readonly tenant: string;
  readonly version: string;
  readonly atMs: number;
  readonly document: Readonly<Record<string, unknown>>;
  /** Whom the selector of the document picks, as long as they have not been updated, said in another way. */
  readonly picks: (device: DeviceTraits) => boolean;
}

/** What a seed makes of the world: who there is, what is released, what is launched. Faults come on top. */
export interface Scenario {
  readonly seed: string;
  readonly devices: readonly DeviceTraits[];
  readonly releases: readonly ReleasePlan[];
  readonly rollouts: readonly RolloutPlan[];
  readonly timing: AgentTiming;
  /** How long the world is unkind, in milliseconds. */
  readonly unkindMs: number;
}

/** What may be made smaller of a scenario, to find the least that still fails. */
export interface Limits {
  readonly devices?: number;
  readonly unkindMinutes?: number;
  readonly rollouts?: number;
}

/** Draws the scenario of a seed. */
export function scenarioOf(seed: string, limits: Limits = {}): Scenario {
  const stream = new RandomStream(seed, 'scenario');
  const unkindMs = stream.whole(6, 12) * MINUTE_MS;
  const releases = [
    releaseOf('acme', '1.1.0', 2),
    { ...releaseOf('acme', '1.2.0', 3), ...(stream.happens(0.3) && { fromMin: '1.1.0' }) },
    releaseOf('bolt', '1.1.0', 2),
  ];
  const characters = new Map(
    releases.map((release) => [`${release.tenant} ${release.version}`, characterOf(stream)]),
  );
  const hasBolt = stream.happens(0.3);
  const devices = devicesOf(seed, stream, characters, { unkindMs, hasBolt });
  const rollouts = [
    rolloutOf(seed, 1, 'acme', '1.1.0', 0),
    ...(stream.happens(0.5) ? [rolloutOf(seed, 2, 'acme', '1.2.0', stream.next() * 0.6 * unkindMs)] : []),
    ...(hasBolt ? [rolloutOf(seed, 3, 'bolt', '1.1.0', 0)] : []),
  ];
  const isShipped = (release: ReleasePlan): boolean =>
    rollouts.some(({ tenant, version }) => tenant === release.tenant && version === release.version);
  return {
    seed,
    devices: devices.slice(0, limits.devices ?? devices.length),
    // Nobody hears of a release that no rollout ships.
    releases: releases.filter(isShipped),
    rollouts: rollouts.slice(0, limits.rollouts ?? rollouts.length),
    timing: timingOf(stream),
    unkindMs: Math.min(unkindMs, (limits.unkindMinutes ?? Number.POSITIVE_INFINITY) * MINUTE_MS),
  };
}

function releaseOf(tenant: string, version: string, sequence: number): ReleasePlan {
  return { tenant, product: PRODUCT, version, sequence, hardware: HARDWARE };
}

/** How devices fare with a release: the names of behaviours, each as often as it stands here. */
type Character = readonly string[];

const GOOD: Character = [
  'healthy',
  'healthy',
  'healthy',
  'healthy',
  'healthy',
  'healthy',
  'healthy',
  'factory-reset',
];
const CHARACTERS: readonly Character[] = [
  GOOD,
  GOOD,
  [...GOOD, 'brick'],
  [...GOOD, 'fail:battery', 'fail:flash-write'],
  [...GOOD, 'unconfirmed', 'revert', 'lie'],
  [...GOOD, 'die-installing'],
  ['healthy', 'brick'],
  ['brick'],
  ['fail:flash-write', 'revert', 'healthy'],
  ['healthy', 'lie', 'die-installing', 'unconfirmed'],
];

const characterOf = (stream: RandomStream): Character => stream.pick(CHARACTERS);

function devicesOf(
  seed: string,
  stream: RandomStream,
  characters: ReadonlyMap<string, Character>,
  { unkindMs, hasBolt }: { readonly unkindMs: number; readonly hasBolt: boolean },
): DeviceTraits[] {
  const hasLateModel = stream.happens(0.2);
  const count = stream.whole(3, 7);
  const own = Array.from({ length: count }, (_, at): DeviceTraits => {
    const chance = new RandomStream(seed, `device ${at}`);
    const isLate = hasLateModel && at >= count - 2;
    const direct = new RandomStream(seed, `direct ${at}`);
    return {
      tenant: 'acme',
      deviceId: `dev-${at}`,
      hardware: isLate ? HARDWARE[1] : chance.pick([HARDWARE[0], HARDWARE[0], HARDWARE[1]]),
      tags: chance.happens(0.3) ? ['lab'] : [],
      factory: { version: '1.0.0', digest: '0'.repeat(64), sequence: 1, confirmed: true },
      behaviourOn: (version) =>
        isLate
          ? 'brick'
          : new RandomStream(seed, `behaviour ${at} ${version}`).pick(
              characters.get(`acme ${version}`) ?? GOOD,
            ),
      slow: chance.happens(0.15) ? chance.whole(3, 10) : 1,
      ...(direct.happens(0.5) && { withinSeconds: direct.pick([20, 40, 60]) }),
      startsAfterMs: isLate ? 0.5 * unkindMs : chance.next() * 2 * MINUTE_MS,
    };
  });
  const others = Array.from(
    { length: hasBolt ? 2 : 1 },
    (_, at): DeviceTraits => ({
      tenant: 'bolt',
      deviceId: `dev-${at}`,
      hardware: HARDWARE[0],
      tags: [],
      factory: { version: '1.0.0', digest: '1'.repeat(64), sequence: 1, confirmed: true },
      behaviourOn: (version) =>
        new RandomStream(seed, `behaviour bolt ${at} ${version}`).pick(
          characters.get(`bolt ${version}`) ?? GOOD,
        ),
      slow: 1,
      startsAfterMs: 0,
    }),
  );
  return [...others, ...own];
}

const STAGES: readonly (readonly Readonly<Record<string, unknown>>[])[] = [
  [{ name: 'all', percent: '100%' }],
  [
    { name: 'first', count: 2, gate: { bake: '1m' } },
    { name: 'all', percent: '100%' },
  ],
  [
    { name: 'few', percent: '20%', gate: { bake: '2m' } },
    { name: 'half', percent: '50%', gate: { bake: '1m' } },
    { name: 'all', percent: '100%' },
  ],
  [
    { name: 'lab', tag: 'lab', gate: { minConfirmed: 1, bake: '1m' } },
    { name: 'all', percent: '100%' },
  ],
  [
    { name: 'some', percent: '40%', gate: { minConfirmed: 1, bake: '30s' } },
    { name: 'most', percent: '70%' },
  ],
];

const SELECTORS: readonly { readonly text: string; readonly picks: (device: DeviceTraits) => boolean }[] = [
  { text: 'all', picks: () => true },
  { text: 'all', picks: () => true },
  { text: `hardware in ("${HARDWARE[0]}")`, picks: ({ hardware }) => hardware === HARDWARE[0] },
  { text: 'not tag("lab")', picks: ({ tags }) => !tags.includes('lab') },
];

/** Picks all that have not been seen to run that version or a later one, as every device has until it is updated: each update leaves it. */
const outdated = (version: string): string => `(version unknown or version < "${version}")`;

/** Who has to agree, and who waits: drawn apart, so that all else of a seed is what it is without. */
function cautionOf(stream: RandomStream): Readonly<Record<string, unknown>> {
  const holdOut = { share: stream.pick(['20%', '35%', '50%']), for: stream.pick(['2m', '5m', '15m']) };
  const approvals = stream.pick([1, 2]);
  return {
    ...(stream.happens(0.3) && { holdOut }),
    ...(stream.happens(0.3) && { approvals }),
  };
}

function rolloutOf(seed: string, number: number, tenant: string, version: string, atMs: number): RolloutPlan {
  const stream = new RandomStream(seed, `rollout ${number}`);
  const caution = cautionOf(new RandomStream(seed, `caution ${number}`));
  const selector = stream.pick(SELECTORS);
  const leavers = new RandomStream(seed, `leavers ${number}`);
  const document = {
    release: `${PRODUCT}/${version}`,
    selector: leavers.happens(0.3) ? `${selector.text} and ${outdated(version)}` : selector.text,
    stages: stream.pick(STAGES),
    halt: {
      failureRate: stream.pick(['1%', '2%', '10%', '30%']),
      lostRate: stream.pick(['2%', '10%', '20%']),
      falseHalt: stream.pick(['1%', '5%', '10%']),
      silentAfter: stream.pick(['90s', '2m', '3m']),
      suspectAtLeast: stream.pick(['15s', '30s', '45s']),
      installWithin: stream.pick(['90s', '2m']),
    },
    pace: {
      firstWindow: stream.whole(1, 4),
      growth: stream.pick([0.5, 1, 2]),
      perMinute: stream.pick([2, 5, 60]),
    },
    ...(stream.happens(0.15) && { window: windowOf(stream) }),
    permitFor: stream.pick(['40s', '1m', '2m']),
    settle: stream.pick(['5m', '8m']),
    priority: stream.pick([100, 200]),
    retry: { attempts: stream.pick([1, 2, 3]) },
    ...caution,
    permits: stream.happens(0.4) ? 'direct' : 'asked',
    // Drawn apart, as what is cautious is.
    ...(new RandomStream(seed, `standing ${number}`).happens(0.1) && { standing: true }),
  };
  return { tenant, version, atMs, document, picks: selector.picks };
}

/** Some half an hour on the clock of the simulated morning, which begins at nine. */
function windowOf(stream: RandomStream) {
  const from = stream.whole(1, 15);
  return { from: `09:${String(from).padStart(2, '0')}`, to: `09:${from + stream.whole(8, 25)}`, zone: 'UTC' };
}

function timingOf(stream: RandomStream): AgentTiming {
  return {
    checkIntervalMs: stream.pick([2, 3, 4]) * MINUTE_MS,
    backoffUnitMs: stream.pick([15_000, 30_000]),
    permitAnswerMs: 60_000,
    rebootAckMs: 10_000,
    // What is never confirmed stays on trial.
    selfTestMs: 525_600 * MINUTE_MS,
    retryAfterSecondMs: 1_000,
    leastRetryMs: 1_000,
  };
}
