import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestCli, type TestCli } from '../testing/test-cli.ts';

let cli: TestCli;
beforeAll(async () => {
  cli = await startTestCli();
  await cli.launchRollout();
});
afterAll(() => cli.stop());

describe('what a rollout costs', () => {
  test('is told with its prices, and without a permit nothing is divided', async () => {
    const { exitCode, out } = await cli.run('cost last');
    expect(exitCode).toBe(0);
    expect(out).toContain('no permit was granted yet: there is nothing to divide by');
    expect(out).toMatch(/a month of a million devices, whatever is rolled out:[\s\S]*connections, always on/);
  });

  test('is told to scripts as the API says it', async () => {
    expect(await cli.answer('cost last')).toMatchObject({
      devices: 0,
      prices: expect.stringContaining('AWS list prices'),
    });
  });

  test('of a rollout that is not there is an error that names it', async () => {
    const { exitCode, err } = await cli.run('cost nosuchrollout');
    expect(exitCode).toBe(2);
    expect(err).toContain('nosuchrollout');
  });
});
