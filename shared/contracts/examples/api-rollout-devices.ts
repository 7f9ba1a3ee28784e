import type { ExamplesOf } from './api.ts';

const rollout = '01JD4Z6Q7R8S9T0V1W2X3Y4Z5D';
const one = { params: { rollout } };

/** Examples of the routes about single devices of rollouts. */
export const ROLLOUT_DEVICE_ROUTES: ExamplesOf<
  'listRolloutDevices' | 'explainDevice' | 'listQuarantined' | 'releaseFromQuarantine'
> = {
  listQuarantined: {
    request: { first: {}, next: { query: { limit: '20', cursor: 'cm9sbG91dA' } } },
    answer: {
      page: { devices: [{ deviceId: 'cam-0001', sinceMs: 1_780_000_000_000 }], cursor: 'cm9sbG91dA' },
      none: { devices: [] },
    },
  },
  releaseFromQuarantine: {
    request: {
      one: { params: { deviceId: 'cam-0001' }, body: { reason: 'a copied image on the bench, now wiped' } },
    },
    answer: { released: { deviceId: 'cam-0001', releasedAtMs: 1_780_000_000_000 } },
  },
  listRolloutDevices: {
    request: {
      all: one,
      silent: { ...one, query: { end: 'silent' } },
      byReason: {
        ...one,
        query: { end: 'failed', reason: 'flash-write', limit: '20', cursor: 'M2FjYW0tMDAwMQ' },
      },
    },
    answer: {
      page: {
        devices: [
          {
            deviceId: 'cam-0001',
            hardware: 'cam-rev-b',
            from: '2.0.0',
            attempt: '01JD4Z6Q7R8S9T0V1W2X3Y4Z5E',
            state: 'failed',
            reason: 'flash-write',
            transient: false,
            excused: true,
            recovered: false,
            grantedAtMs: 1_780_000_000_000,
            endedAtMs: 1_780_000_060_000,
          },
          {
            deviceId: 'cam-0002',
            from: '2.0.0',
            attempt: '01JD4Z6Q7R8S9T0V1W2X3Y4Z5F',
            state: 'installing',
            transient: false,
            excused: false,
            recovered: false,
            grantedAtMs: 1_780_000_000_000,
          },
        ],
        unreadable: [],
        cursor: 'M2FjYW0tMDAwMg',
      },
      last: { devices: [], unreadable: [{ deviceId: 'cam-0003', what: 'device acme:cam-0003: floor' }] },
    },
  },
  explainDevice: {
    request: { one: { params: { deviceId: 'cam-0001' } } },
    answer: {
      unknown: { deviceId: 'cam-0001', decision: 'refused', rollouts: [], attempts: [] },
      alone: {
        deviceId: 'cam-0001',
        hardware: 'cam-rev-z',
        decision: 'nothing',
        explanation: 'no release of cam is for cam-rev-z, they are for cam-rev-b',
        rollouts: [],
        attempts: [],
      },
      inTrouble: {
        deviceId: 'cam-0001',
        hardware: 'cam-rev-b',
        running: { version: '2.0.0', seenAtMs: 1_780_000_300_000 },
        trouble: { rollout, what: 'mismatch', times: 3 },
        decision: 'offer',
        rollouts: [
          { rollout, release: 'cam/2.1.0', rule: 'offered', explanation: 'it is offered cam/2.1.0' },
        ],
        attempts: [],
      },
      offered: {
        deviceId: 'cam-0001',
        hardware: 'cam-rev-b',
        running: { version: '2.0.0', digest: 'b'.repeat(64), seenAtMs: 1_780_000_300_000 },
        decision: 'nothing',
        rollouts: [
          {
            rollout,
            release: 'cam/2.1.0',
            rule: 'stage-full',
            explanation: 'the stage canary is full',
            change: 'its gate opens the next stage',
          },
        ],
        attempts: [
          {
            rollout,
            attempt: '01JD4Z6Q7R8S9T0V1W2X3Y4Z5F',
            state: 'failed',
            grantedAtMs: 1_780_000_200_000,
            reason: 'flash-write',
            recovered: false,
            timeline: [{ atMs: 1_780_000_210_000, event: 'installing' }],
          },
        ],
      },
    },
  },
};
