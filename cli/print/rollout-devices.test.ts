import { expect, test } from '@jest/globals';
import { rolloutDevicesText } from './rollout-devices.ts';

test('devices of a rollout stand in columns, with what became of each and since when', () => {
  const device = {
    deviceId: 'cam-1',
    hardware: 'cam-rev-b',
    from: '1.0.0',
    attempt: '01JD4Z6Q7R8S9T0V1W2X3Y4Z5E',
    state: 'silent',
    transient: false,
    excused: true,
    recovered: true,
    grantedAtMs: 0,
    endedAtMs: 60_000,
  };
  const failed = { ...device, deviceId: 'cam-22', from: '2\u001b[2J', state: 'failed', reason: 'no-space' };
  const plainly = { transient: true, excused: false, recovered: false };
  const unreadable = [{ deviceId: 'cam-3', what: 'device acme:cam-3: \u202efloor' }];
  const text = rolloutDevicesText({ devices: [device, { ...failed, ...plainly }], unreadable }, 120_000);
  expect(text.split('\n')).toEqual([
    'DEVICE  HARDWARE   FROM   END                          REASON    SINCE   ATTEMPT',
    'cam-1   cam-rev-b  1.0.0  silent (excused), recovered            1m ago  01JD4Z6Q7R8S9T0V1W2X3Y4Z5E',
    'cam-22  cam-rev-b  2?[2J  failed (transient)           no-space  1m ago  01JD4Z6Q7R8S9T0V1W2X3Y4Z5E',
    '',
    'UNREADABLE  WHAT',
    'cam-3       device acme:cam-3: ?floor',
    '',
  ]);
  expect(rolloutDevicesText({ devices: [], unreadable: [] }, 0)).toBe('no such device\n');
});
