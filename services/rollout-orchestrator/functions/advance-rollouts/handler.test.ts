import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { ConflictError, ThrottledError } from '#shared/errors/errors.ts';
import { GateStore } from '../../stores/gate-store.ts';
import { gateKey, rolloutKey } from '../../stores/keys.ts';
import { quickDocument } from '../../testing/documents.ts';
import { failWrites } from '../../testing/failing-writes.ts';
import { publishRelease } from '../../testing/releases.ts';
import { rolloutsDue } from '../../testing/rollouts-due.ts';

const TENANTS = ['acme', 'beta'];
/** A ceiling that no evidence asks for. */
const WRONG = 7;

describe('a batch of rollouts of two tenants', () => {
  let host: TestHost;
  /** Each with a ceiling that the next look sets. */
  let rollouts: string[];

  beforeEach(async () => {
    host = await startTestHost({ services: ['rollout-orchestrator'] });
    rollouts = [];
    for (const tenant of TENANTS) {
      await publishRelease(host, '1.1.0', 2, tenant);
      const { body } = await host.http(
        'POST',
        '/rollouts',
        { document: quickDocument('cam/1.1.0') },
        { tenant },
      );
      rollouts.push(body.rollout);
    }
    for (const [at, rollout] of rollouts.entries())
      await host.http('POST', `/rollouts/${rollout}/launch`, undefined, { tenant: TENANTS[at] ?? '' });
    await host.advance(5_000);
    for (const rollout of rollouts)
      await host.table('rollouts').write({ update: gateKey(rollout), set: { ceiling: WRONG } });
  });
  afterEach(() => host.stop());

  const isGate = (rollout: string, key: { pk: string; sk: string }) =>
    key.pk === gateKey(rollout).pk && key.sk === 'gate';
  /** Whether a look has set the ceiling of each. */
  const areSet = () =>
    Promise.all(
      rollouts.map(
        async (rollout) => (await new GateStore(host.table('rollouts')).read(rollout))?.ceiling !== WRONG,
      ),
    );
  const look = () => host.invoke('advanceRollouts', rolloutsDue(host, rollouts));

  test('is done but for the one whose gate cannot be written, which comes again alone', async () => {
    const [first = ''] = rollouts;
    failWrites(host, (key) => (isGate(first, key) ? new ThrottledError('its gate is hot') : undefined));
    expect(await look()).toEqual({ batchItemFailures: [{ itemIdentifier: first }] });
    expect(await areSet()).toEqual([false, true]);
    expect(host.lines).toContainEqual(
      expect.objectContaining({ message: 'a rollout could not be looked at', rollout: first }),
    );
  });

  test('is done whole when a gate is written by somebody else a few times', async () => {
    const [first = ''] = rollouts;
    let left = 4;
    failWrites(host, (key) =>
      isGate(first, key) && left-- > 0 ? new ConflictError('a permit is being granted') : undefined,
    );
    expect(await look()).toEqual({ batchItemFailures: [] });
    expect(await areSet()).toEqual([true, true]);
  });

  test('leaves a gate that conflicts all the time to a look a second later, and does the others', async () => {
    const [first = ''] = rollouts;
    const failing = failWrites(host, (key) =>
      isGate(first, key) ? new ConflictError('permits are being granted') : undefined,
    );
    expect(await look()).toEqual({ batchItemFailures: [] });
    expect(await areSet()).toEqual([false, true]);
    failing.mend();
    await host.advance(3_000);
    expect(await areSet()).toEqual([true, true]);
  });

  test('is done but for a rollout that cannot be read', async () => {
    const [first = ''] = rollouts;
    await host.table('rollouts').write({ update: rolloutKey(first), remove: ['tenant'] });
    expect(await look()).toEqual({ batchItemFailures: [{ itemIdentifier: first }] });
    expect(await areSet()).toEqual([false, true]);
  });

  test('fails as a whole when every one fails: that alarms, and takes a deployment back', async () => {
    failWrites(host, ({ sk }) => (sk === 'gate' ? new ThrottledError('the table is hot') : undefined));
    await expect(look()).rejects.toThrow('the table is hot');
  });
});
