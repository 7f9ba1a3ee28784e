import { connect as connectTcp } from 'node:net';
import { expect, test } from '@jest/globals';
import { networkFault } from './network-fault.ts';

test('a name whose addresses all refuse has a reason too, where Node gives no words', async () => {
  const socket = connectTcp({
    host: 'broker.example',
    // Nobody serves there.
    port: 1,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: 60_000,
    lookup: (_host, _options, answer) =>
      answer(null, [
        { address: '127.0.0.1', family: 4 },
        { address: '127.0.0.2', family: 4 },
      ]),
  });
  const error = await new Promise<Error>((resolve) => socket.once('error', resolve));
  expect(error.message).toBe('');
  expect(networkFault(error, 0)).toBe('ECONNREFUSED');
});

test('a certificate that a date speaks against is told with the date', () => {
  const fault = Object.assign(new Error('certificate is not yet valid'), { code: 'CERT_NOT_YET_VALID' });
  expect(networkFault(fault, 0)).toBe(
    'certificate is not yet valid: by the clock here it is 1970-01-01T00:00:00.000Z',
  );
  expect(networkFault(new Error('reset'), 0)).toBe('reset');
});
