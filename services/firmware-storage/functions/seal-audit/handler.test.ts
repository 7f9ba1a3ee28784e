import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readSealedLog } from '#host/testing/sealed-log.ts';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { ListProductSeals } from '#shared/contracts/api/audit.ts';
import { releaseCam } from '../../testing/released.ts';

describe.each([{ strict: false }, { strict: true }])(
  'decisions about products and releases, on a home with $strict strictness',
  ({ strict }) => {
    let host: TestHost;
    beforeEach(async () => {
      host = await startTestHost({ services: ['firmware-storage'], strict });
      await releaseCam(host);
    });
    afterEach(() => host.stop());

    const audit = () => readSealedLog(host, { log: 'products', about: 'cam', path: '/products/cam/audit' });

    test('are sealed within a minute, and say who, what and of which release', async () => {
      await host.http('POST', '/releases/cam/2.1.0/revoke', { reason: 'smoke' }, { name: 'grace' });
      await host.advance(60_001);
      const { texts, verdict } = await audit();
      const tenant = 'acme';
      expect(texts.map((text) => JSON.parse(text))).toMatchObject([
        { action: 'create-product', about: 'cam', actor: 'operator:ada', tenant },
        { action: 'add-signing-key', about: 'cam', after: { name: 'build' } },
        { action: 'create-release', about: 'cam/2.1.0', after: { state: 'draft' } },
        { action: 'release-verified', about: 'cam/2.1.0', actor: 'evenkeel' },
        { action: 'release-published', about: 'cam/2.1.0', before: { state: 'verified' } },
        { action: 'release-revoking', about: 'cam/2.1.0', actor: 'operator:grace', reason: 'smoke' },
      ]);
      expect(verdict).toMatchObject({ sealed: 6, waiting: 0, faults: [] });
      expect(await host.deadLetters()).toEqual([]);
      expect(new Set(host.events.map(({ type }) => type))).toEqual(
        new Set(['ReleasePublished', 'ReleaseRevoked']),
      );
    });

    test('are in one chain for each tenant, which nobody else sees', async () => {
      await host.http('POST', '/products', { product: 'lamp', hardware: ['lamp-1'] });
      await host.http('POST', '/products', { product: 'lamp', hardware: ['lamp-1'] }, { tenant: 'other' });
      await host.advance(60_001);
      expect((await audit()).verdict).toMatchObject({ sealed: 5, faults: [] });
      const lamp = { log: 'products', about: 'lamp', path: '/products/lamp/audit' } as const;
      expect((await readSealedLog(host, lamp)).verdict).toMatchObject({ sealed: 1, faults: [] });
      const { body } = await host.http('GET', '/audit/seals/products', undefined, { tenant: 'other' });
      const told = ListProductSeals.answer.parse(body).seals.map(({ text }) => JSON.parse(text));
      expect(told).toMatchObject([{ log: 'products', tenant: 'other', entries: [{ about: 'lamp' }] }]);
    });

    test('are found when they, or the seals over them, are meddled with in the table', async () => {
      await host.advance(60_001);
      const { texts, seals } = await audit();
      const { id } = JSON.parse(texts[4] ?? '');
      const table = host.table('firmware');
      const entry = { pk: 'P#acme#cam', sk: `audit#${id}` };
      await table.write({ update: entry, set: { actor: 'operator:eve' } });
      expect((await audit()).verdict.faults).toEqual([`entry ${id} is not what was sealed`]);
      await table.write({ delete: entry });
      expect((await audit()).verdict.faults).toEqual([`entry ${id} was sealed and is missing`]);
      const first = { pk: 'A#acme', sk: 'seal#000000000001' };
      await table.write({ update: first, set: { text: (seals[0]?.text ?? '').replace('"cam"', '"cap"') } });
      expect((await audit()).verdict.faults).toContainEqual('seal 1 does not carry the signature of its key');
    });
  },
);
