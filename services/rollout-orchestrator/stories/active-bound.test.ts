import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { ThrottledError } from '#shared/errors/errors.ts';
import { activeKey } from '../stores/keys.ts';
import { quickDocument } from '../testing/documents.ts';
import { nextId } from '../testing/next-id.ts';
import { publishRelease } from '../testing/releases.ts';

/** As docs/operations.md says. */
const MOST_ACTIVE = 200;

describe('many active rollouts', () => {
  let host: TestHost;
  beforeEach(async () => {
    host = await startTestHost({ services: ['rollout-orchestrator'], strict: true });
  });
  afterEach(() => host.stop());

  async function activate(tenant: string, count: number): Promise<string[]> {
    const rollouts = Array.from({ length: count }, () => nextId());
    for (const rollout of rollouts)
      await host.table('rollouts').write({ put: { ...activeKey(tenant, 'cam', rollout) } });
    return rollouts;
  }
  async function launch(tenant: string) {
    await publishRelease(host, '1.1.0', 2, tenant);
    const { body } = await host.http(
      'POST',
      '/rollouts',
      { document: quickDocument('cam/1.1.0') },
      { tenant },
    );
    const launched = () => host.http('POST', `/rollouts/${body.rollout}/launch`, undefined, { tenant });
    return { launched };
  }

  test('of one tenant are bounded at launch, which says what to do, and not those of another', async () => {
    const rollouts = await activate('acme', MOST_ACTIVE);
    const { launched } = await launch('acme');
    expect(await launched()).toMatchObject({
      status: 409,
      body: { error: { field: 'rollout', rule: expect.stringMatching(/at most 200 .* abort/) } },
    });
    expect((await (await launch('beta')).launched()).status).toBe(200);
    await host.table('rollouts').write({ delete: activeKey('acme', 'cam', rollouts[0] ?? '') });
    expect((await launched()).status).toBe(200);
  });

  test('of a tenant whose name begins like another do not count for that one', async () => {
    await activate('acme-two', MOST_ACTIVE);
    expect((await (await launch('acme')).launched()).status).toBe(200);
  });
});

describe('a tick', () => {
  let host: TestHost;
  beforeEach(async () => {
    host = await startTestHost({ services: ['rollout-orchestrator'] });
  });
  afterEach(() => host.stop());

  /** What is sent to a queue instead of being sent there. */
  function watch(name: string, answer: () => Promise<unknown> = () => Promise.resolve()): string[] {
    const sent: string[] = [];
    host.queue(name).send = async (messages) => {
      await answer();
      sent.push(...messages.map(({ body }) => JSON.parse(body).rollout));
      return { failed: [] };
    };
    return sent;
  }

  test('names each of three thousand rollouts once to both who decide', async () => {
    const rollouts = Array.from({ length: 3_000 }, () => nextId());
    for (const rollout of rollouts)
      await host.table('rollouts').write({ put: { ...activeKey('acme', 'cam', rollout) } });
    const [advance, silence] = [watch('advance'), watch('silence')];
    await host.invoke('tickRollouts', {});
    expect(advance.sort()).toEqual(rollouts.sort());
    expect(silence.sort()).toEqual(rollouts);
  });

  test('reaches silence although the queue of advances takes nothing, and fails for that', async () => {
    const rollout = nextId();
    await host.table('rollouts').write({ put: { ...activeKey('acme', 'cam', rollout) } });
    watch('advance', () => Promise.reject(new ThrottledError('the queue is not there')));
    const silence = watch('silence');
    await expect(host.invoke('tickRollouts', {})).rejects.toThrow('the queue is not there');
    expect(silence).toEqual([rollout]);
  });
});
