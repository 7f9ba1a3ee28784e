import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readSealedLog } from '#host/testing/sealed-log.ts';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { SealStore } from '#shared/audit/seal-store.ts';
import { rolloutPartition } from '../../stores/keys.ts';
import { quickDocument } from '../../testing/documents.ts';
import { publishRelease } from '../../testing/releases.ts';

describe.each([{ strict: false }, { strict: true }])(
  'audit entries, on a home with $strict strictness',
  ({ strict }) => {
    let host: TestHost;
    beforeEach(async () => {
      host = await startTestHost({ services: ['rollout-orchestrator'], strict });
      await publishRelease(host, '1.1.0', 2);
    });
    afterEach(() => host.stop());

    async function create(): Promise<string> {
      const { body } = await host.http('POST', '/rollouts', { document: quickDocument('cam/1.1.0') });
      return body.rollout;
    }
    const audit = (rollout: string) =>
      readSealedLog(host, { log: 'rollouts', about: rollout, path: `/rollouts/${rollout}/audit` });

    test('are sealed within a minute, whoever decided, and say what and why', async () => {
      const rollout = await create();
      for (const [command, body] of [
        ['launch', undefined],
        ['pause', { reason: 'lunch' }],
        ['abort', { reason: 'wrong artwork' }],
      ] as const) {
        // The log is in the order of its milliseconds.
        await host.advance(1);
        await host.http('POST', `/rollouts/${rollout}/${command}`, body);
      }
      await host.advance(60_001);
      const { texts, verdict } = await audit(rollout);
      expect(texts.map((text) => JSON.parse(text))).toMatchObject([
        { action: 'create', actor: 'operator:ada', tenant: 'acme', about: rollout },
        { action: 'launch', before: { state: 'draft' }, after: { state: 'running' } },
        { action: 'pause', reason: 'lunch' },
        { action: 'abort', reason: 'wrong artwork', after: { state: 'aborted' } },
      ]);
      expect(verdict).toMatchObject({ sealed: 4, waiting: 0, faults: [] });
    });

    test('of all rollouts of a tenant are in one chain, and nobody else sees it', async () => {
      const rollouts = [await create(), await create(), await create()];
      await host.advance(60_001);
      for (const rollout of rollouts)
        expect((await audit(rollout)).verdict).toMatchObject({ sealed: 1, faults: [] });
      const other = { tenant: 'other' };
      expect((await host.http('GET', '/audit/seals/rollouts', undefined, other)).body.seals).toEqual([]);
      expect((await host.http('GET', `/rollouts/${rollouts[0]}/audit`, undefined, other)).status).toBe(404);
    });

    test('are under one seal each, however often their change is delivered, to several at once', async () => {
      const rollout = await create();
      await host.settle();
      const keys = { pk: `R#${rollout}`, sk: '' };
      const insert = (id: string) => {
        const entry = {
          ...keys,
          sk: `audit#${id}`,
          id,
          about: rollout,
          tenant: 'acme',
          atMs: host.world.now(),
          actor: 'evenkeel',
          action: 'halt',
        };
        return entry;
      };
      const ids = Array.from({ length: 120 }, (_, at) => `01JD4Z6Q7R8S9T0V1W${String(at).padStart(8, '0')}`);
      const table = host.table('rollouts');
      for (const id of ids) await table.write({ put: insert(id) });
      const event = {
        Records: ids.map((id) => ({
          eventName: 'INSERT',
          dynamodb: {
            SequenceNumber: id,
            Keys: { pk: { S: keys.pk }, sk: { S: `audit#${id}` } },
            NewImage: Object.fromEntries(
              Object.entries(insert(id)).map(([name, value]) => [
                name,
                typeof value === 'number' ? { N: `${value}` } : { S: value },
              ]),
            ),
          },
        })),
      };
      const deliveries = [event, event, { Records: event.Records.slice(30, 60) }].map((one) =>
        host.invoke('sealAudit', one),
      );
      await Promise.allSettled(deliveries);
      await host.invoke('sealAudit', event);
      await host.advance(60_001);
      const { seals, verdict } = await audit(rollout);
      expect(verdict).toMatchObject({ sealed: 121, waiting: 0, faults: [] });
      const told = seals.flatMap(({ text }) => JSON.parse(text).entries).map(({ id }) => id);
      expect(new Set(told).size).toBe(told.length);
    });

    test('are under one seal each, also when somebody else sealed them between a look and the write', async () => {
      const rollout = await create();
      await host.advance(60_001);
      const seals = new SealStore(host.table('rollouts'));
      const { items } = await seals.entries(rolloutPartition(rollout), { limit: 10 });
      const seal = { text: '{}', keyId: 'a'.repeat(64), signature: '' };
      expect(await seals.append('acme', 2, seal, items, 'token-1')).toBe(false);
      expect(await seals.head('acme')).toMatchObject({ number: 1 });
    });

    test('that do not say whose they are stay unsealed, and hold up no others', async () => {
      const rollout = await create();
      const id = '01JD4Z6Q7R8S9T0V1W2X3Y4Z5D';
      const nobodys = { pk: `R#${rollout}`, sk: `audit#${id}`, id, about: rollout, atMs: host.world.now() };
      await host.table('rollouts').write({ put: nobodys });
      await host.http('POST', `/rollouts/${rollout}/launch`);
      await host.advance(60_001);
      const { verdict } = await audit(rollout);
      expect(verdict).toMatchObject({ sealed: 2, faults: [expect.stringContaining('not sealed')] });
    });

    test('that are meddled with in the table are found', async () => {
      const rollout = await create();
      await host.http('POST', `/rollouts/${rollout}/launch`);
      await host.advance(60_001);
      const { texts } = await audit(rollout);
      const { id } = JSON.parse(texts[1] ?? '');
      const key = { pk: `R#${rollout}`, sk: `audit#${id}` };
      await host.table('rollouts').write({ update: key, set: { actor: 'operator:eve' } });
      expect((await audit(rollout)).verdict.faults).toEqual([`entry ${id} is not what was sealed`]);
      await host.table('rollouts').write({ delete: key });
      expect((await audit(rollout)).verdict.faults).toEqual([`entry ${id} was sealed and is missing`]);
    });

    test('cost nothing while nothing is decided', async () => {
      const rollout = await create();
      await host.advance(60_001);
      const before = (await audit(rollout)).seals.length;
      await host.advance(3_600_000);
      expect((await audit(rollout)).seals).toHaveLength(before);
    });
  },
);
