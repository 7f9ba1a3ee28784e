import { expect, test } from '@jest/globals';
import { progressLine } from './progress.ts';
import type { DeviceStatus } from './simulated-device.ts';

const device = (changes: Partial<DeviceStatus>): DeviceStatus => ({
  deviceId: 'x',
  thing: 'demo:x',
  behaviour: 'healthy',
  state: 'running',
  version: '1.0.0',
  ...changes,
});

test('the line about a fleet says how many are not connected, and why most of them are not', () => {
  const refused = 'connect ECONNREFUSED';
  const devices = [
    device({ phase: 'fetching' }),
    device({ phase: 'idle', downBecause: refused }),
    device({ downBecause: 'Not authorized' }),
    device({ downBecause: refused, version: '2.0.0' }),
  ];
  expect(progressLine(devices, 4)).toBe(
    'running 4  |  1.0.0 3, 2.0.0 1  |  fetching 1  |  not connected 3: connect ECONNREFUSED',
  );
  expect(progressLine([device({})], 1)).toBe('running 1  |  1.0.0 1');
});
