import { documentWith } from '../../document/testing/document-with.ts';
import {
  type ActiveRollout,
  type PreparedRollout,
  prepareRollout,
  type ReleaseFacts,
} from '../active-rollout.ts';
import type { DeviceFacts, DeviceSays, Inquiry } from '../device.ts';

/** A Tuesday, noon in UTC. */
export const NOON = Date.UTC(2026, 11, 1, 12);
/** Digest of the artifact for cam-rev-b in the release that is built here. */
export const DIGEST = 'b'.repeat(64);

/** A camera in good standing that runs 2.0.0 (sequence 6), but for what is given. */
export function deviceFacts(change: Partial<DeviceFacts> = {}): DeviceFacts {
  return {
    tenant: 'acme',
    deviceId: 'cam-0001',
    product: 'cam',
    hardware: 'cam-rev-b',
    tags: [],
    attributes: {},
    decommissioned: false,
    quarantined: false,
    running: { version: '2.0.0', sequence: 6 },
    floor: 6,
    tried: {},
    ...change,
  };
}

/** What that camera says, but for what is given. */
export function deviceSays(change: Partial<DeviceSays> = {}): DeviceSays {
  return { product: 'cam', hardware: 'cam-rev-b', version: '2.0.0', ...change };
}

/** That camera asks at noon, but for what is given. */
export function inquiry(change: Partial<Inquiry> = {}): Inquiry {
  return { facts: deviceFacts(), says: deviceSays(), nowMs: NOON, ...change };
}

/** What to build a rollout of `cam/2.1.0` (sequence 7) to everybody with. */
export interface RolloutChange extends Partial<Omit<ActiveRollout, 'document' | 'release'>> {
  readonly document?: Readonly<Record<string, unknown>>;
  readonly release?: Partial<ReleaseFacts>;
}

/** A running rollout to everybody, ready to be asked, but for what is given. */
export function rolloutWith({ document = {}, release = {}, ...change }: RolloutChange = {}): PreparedRollout {
  return prepareRollout({
    rollout: '01JD4Z6Q7R8S9T0V1W2X3Y4Z5D',
    tenant: 'acme',
    product: 'cam',
    state: 'running',
    launchedMs: NOON - 86_400_000,
    document: documentWith(document),
    release: {
      name: 'cam/2.1.0',
      version: '2.1.0',
      sequence: 7,
      published: true,
      artifacts: [{ hardware: 'cam-rev-b', sha256: DIGEST, sizeBytes: 1000, key: `artifacts/${DIGEST}` }],
      ...release,
    },
    stage: 0,
    members: 2000,
    offeredUpTo: 1,
    stageFull: false,
    ...change,
  });
}
