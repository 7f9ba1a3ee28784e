import fc from 'fast-check';
import type { HoldOut } from '../../holdout/hold-out.ts';
import { inPriorityOrder, type PreparedRollout } from '../active-rollout.ts';
import type { DeviceFacts, Inquiry } from '../device.ts';
import { DIGEST, deviceFacts, deviceSays, NOON, rolloutWith } from './builders.ts';

/** A device that asks, and rollouts in priority order: often with something that speaks against an offer, and often without. */
export interface ArbitraryCase {
  readonly inquiry: Inquiry;
  readonly rollouts: readonly PreparedRollout[];
}

/** Mostly `usual`, sometimes one of the others. */
const mostly = <Value>(usual: Value, ...others: Value[]): fc.Arbitrary<Value> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );

const ids = [
  '01JD4Z6Q7R8S9T0V1W2X3Y4Z5A',
  '01JD4Z6Q7R8S9T0V1W2X3Y4Z5B',
  '01JD4Z6Q7R8S9T0V1W2X3Y4Z5C',
] as const;

const device = fc.record({
  deviceId: fc.stringMatching(/^cam-[0-9]{1,4}$/),
  hardware: mostly('cam-rev-b', 'cam-rev-c'),
  tags: fc.subarray(['internal', 'lab']),
  registered: mostly(true, false),
  decommissioned: mostly(false, true),
  quarantined: mostly(false, true),
  floor: mostly(0, 7, 8),
  tried: fc.dictionary(fc.constantFrom(...ids), fc.integer({ min: 0, max: 2 })),
  open: mostly<DeviceFacts['open']>(undefined, { rollout: ids[0], attempt: 'a', sinceMs: 0 }),
});

const says = fc.record({
  hardware: mostly(undefined, 'cam-rev-c', 'cam-rev-b'),
  version: mostly('2.0.0', '2.1.0', '2.2.0', 'factory', '1.0.0'),
  digest: mostly(undefined, DIGEST, 'c'.repeat(64)),
});

const stages = [
  { name: 'bench', tag: 'internal' },
  { name: 'early', percent: 50 },
  { name: 'all', percent: 100 },
];
const rollout = fc.record({
  state: mostly('running' as const, 'paused' as const, 'halted' as const, 'aborted' as const),
  tenant: mostly('acme', 'evil'),
  published: mostly(true, false),
  version: mostly('2.1.0', '2.2.0'),
  sequence: fc.integer({ min: 6, max: 9 }),
  fromMin: mostly<string | undefined>(undefined, '2.0.0'),
  priority: fc.integer({ min: 99, max: 101 }),
  launchedMs: fc.integer({ min: 0, max: 3 }),
  selector: mostly('all', 'tag("lab")', 'not tag("lab")'),
  start: mostly<string | undefined>(undefined, '2026-12-01T12:30:00Z'),
  window: mostly<object | undefined>(undefined, { from: '12:30', to: '13:00', zone: 'UTC' }),
  attempts: mostly(2, 1),
  stage: mostly(2, 0, 1),
  members: mostly(2000, 20),
  offeredUpTo: mostly(1, 0.5, 0),
  stageFull: mostly(false, true),
  holdOut: mostly<HoldOut | undefined>(
    undefined,
    { share: 500_000, untilMs: NOON + 1 },
    { share: 500_000, untilMs: NOON },
  ),
});

/** Any such case. */
export const arbitraryCase: fc.Arbitrary<ArbitraryCase> = fc
  .record({ device, says, all: fc.array(rollout, { minLength: 1, maxLength: 3 }) })
  .map(({ device: { open, registered, ...facts }, says: { hardware, digest, version }, all }) => ({
    inquiry: {
      facts: registered ? deviceFacts({ ...facts, ...(open === undefined ? {} : { open }) }) : undefined,
      says: deviceSays({
        hardware: hardware ?? facts.hardware,
        version,
        ...(digest === undefined ? {} : { digest }),
      }),
      nowMs: NOON,
    },
    rollouts: inPriorityOrder(
      all.map(
        (
          {
            published,
            version: target,
            sequence,
            fromMin,
            priority,
            selector,
            start,
            window,
            attempts,
            holdOut,
            ...rest
          },
          n,
        ) =>
          rolloutWith({
            ...rest,
            ...(holdOut && { holdOut }),
            rollout: ids[n] ?? ids[0],
            release: {
              name: `cam/${target}`,
              version: target,
              sequence,
              published,
              ...(fromMin === undefined ? {} : { fromMin }),
            },
            document: { stages, priority, selector, retry: { attempts }, start, window },
          }),
      ),
    ),
  }));
