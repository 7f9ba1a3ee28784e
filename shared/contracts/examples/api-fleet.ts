import type { ExamplesOf } from './api.ts';

/** Examples of the route about what the fleet runs. */
export const FLEET_ROUTES: ExamplesOf<'listFleet'> = {
  listFleet: {
    request: {
      all: {},
      behind: { query: { where: 'version < "1.2.0" and tag("lab")', limit: '20', cursor: 'M2FjYW0tMDAwMQ' } },
      counted: { query: { limit: '0' } },
      inTrouble: { query: { inTrouble: 'true' } },
    },
    answer: {
      page: {
        devices: [
          {
            deviceId: 'cam-0001',
            product: 'cam',
            hardware: 'cam-rev-b',
            tags: ['lab'],
            running: { version: '1.0.0', digest: 'b'.repeat(64), seenAtMs: 1_780_000_000_000 },
            trouble: { rollout: '01JD4Z6Q7R8S9T0V1W2X3Y4Z5D', what: 'mismatch', times: 3 },
            quarantined: false,
          },
          { deviceId: 'cam-0002', product: 'cam', hardware: 'cam-rev-b', tags: [], quarantined: false },
        ],
        versions: [
          { product: 'cam', hardware: 'cam-rev-b', version: '1.0.0', devices: 1 },
          { product: 'cam', hardware: 'cam-rev-b', devices: 1 },
        ],
        unreadable: [],
        looked: 2,
        cursor: 'M2FjYW0tMDAwMg',
      },
      counted: {
        devices: [],
        versions: [{ product: 'cam', hardware: 'cam-rev-b', version: '1.1.0', devices: 998 }],
        unreadable: [{ deviceId: 'cam-0003', what: 'device acme:cam-0003: floor' }],
        looked: 1_000,
        cursor: 'M2FjYW0tMDAwMg',
      },
      none: { devices: [], versions: [], unreadable: [], looked: 0 },
    },
  },
};
