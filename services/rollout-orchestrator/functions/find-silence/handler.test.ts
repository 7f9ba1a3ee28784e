import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { ThrottledError } from '#shared/errors/errors.ts';
import { deadlinePartition, rolloutKey } from '../../stores/keys.ts';
import { quickDocument } from '../../testing/documents.ts';
import { failWrites } from '../../testing/failing-writes.ts';
import { publishRelease } from '../../testing/releases.ts';
import { rolloutsDue } from '../../testing/rollouts-due.ts';
import { ScriptedDevice } from '../../testing/scripted-device.ts';

const MINUTE_MS = 60_000;

describe('silence of two rollouts in one batch', () => {
  let host: TestHost;
  let rollouts: string[];

  beforeEach(async () => {
    host = await startTestHost({ services: ['rollout-orchestrator'] });
    rollouts = [];
    for (const sequence of [2, 3]) {
      const version = `1.${sequence}.0`;
      const device = new ScriptedDevice(host, `cam-${sequence}`);
      await device.register({ tags: [`only-${sequence}`] });
      await publishRelease(host, version, sequence);
      const document = quickDocument(`cam/${version}`, {
        selector: `tag("only-${sequence}")`,
        stages: [{ name: 'all', percent: '100%' }],
        halt: { silentAfter: '30m', suspectAtLeast: '10s', installWithin: '1h' },
      });
      const { body } = await host.http('POST', '/rollouts', { document });
      rollouts.push(body.rollout);
      await host.http('POST', `/rollouts/${body.rollout}/launch`);
      await host.advance(4_000);
      await device.check();
      await device.askToBegin(`cam/${version}`, 1);
      expect(device.attempt).not.toBe('');
    }
    // Before their deadline; then time passes without a tick of the clock's own.
    await host.advance(60 * MINUTE_MS);
  });
  afterEach(() => host.stop());

  const lost = () =>
    Promise.all(
      rollouts.map(async (rollout) => (await host.http('GET', `/rollouts/${rollout}`)).body.counts?.lost),
    );

  test('is found in the one although the other cannot be read', async () => {
    const [first = '', second = ''] = rollouts;
    await host.table('rollouts').write({ update: rolloutKey(first), remove: ['document'] });
    await host.advance(12 * MINUTE_MS);
    const { body } = await host.http('GET', `/rollouts/${second}`);
    expect(body.counts).toMatchObject({ installing: 0, lost: 1 });
  });

  test('is not found in one that could not be read before its devices had time again to be heard', async () => {
    const [first = ''] = rollouts;
    const [{ document } = {}] = await host.table('rollouts').get([rolloutKey(first)], { consistent: true });
    await host.table('rollouts').write({ update: rolloutKey(first), set: { document: 'nonsense' } });
    await host.advance(12 * MINUTE_MS);
    await host.table('rollouts').write({ update: rolloutKey(first), set: { document: document ?? null } });
    // `silentAfter`, and a minute to connect.
    await host.advance(29 * MINUTE_MS);
    expect(await lost()).toEqual([0, 1]);
    await host.advance(4 * MINUTE_MS);
    expect(await lost()).toEqual([1, 1]);
  });

  test('is found in the one although the lists of the other cannot be written, which comes again alone', async () => {
    const [first = '', second = ''] = rollouts;
    const isOf = (rollout: string, pk: string) => pk.startsWith(deadlinePartition(rollout, 0).slice(0, -1));
    const failing = failWrites(host, ({ pk }) =>
      isOf(first, pk) ? new ThrottledError('its lists are hot') : undefined,
    );
    await host.advance(12 * MINUTE_MS);
    expect(await host.invoke('findSilence', rolloutsDue(host, [first, second]))).toEqual({
      batchItemFailures: [{ itemIdentifier: first }],
    });
    expect((await lost())[1]).toBe(1);
    failing.mend();
    await host.advance(2 * MINUTE_MS);
    expect(await lost()).toEqual([1, 1]);
  });
});
