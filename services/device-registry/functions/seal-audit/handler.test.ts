import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readSealedLog } from '#host/testing/sealed-log.ts';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { ListDeviceSeals } from '#shared/contracts/api/audit.ts';
import { DeviceChanged } from '#shared/contracts/events/device-changed.ts';
import { register, settled } from '../../testing/events.ts';

describe.each([{ strict: false }, { strict: true }])(
  'decisions about devices, on a home with $strict strictness',
  ({ strict }) => {
    let host: TestHost;
    beforeEach(async () => {
      host = await startTestHost({ services: ['device-registry'], strict });
    });
    afterEach(() => host.stop());

    const audit = (deviceId = 'cam-0001') =>
      readSealedLog(host, { log: 'devices', about: `acme:${deviceId}`, path: `/devices/${deviceId}/audit` });

    test('are sealed within a minute, and say who, what and of which device', async () => {
      await register(host);
      // The log is in the order of its milliseconds.
      await host.advance(1);
      await host.http('PUT', '/devices/cam-0001/tags', { tags: ['lab'] }, { name: 'grace' });
      await host.advance(1);
      await host.http('DELETE', '/devices/cam-0001');
      await host.advance(60_001);
      const { texts, verdict } = await audit();
      expect(texts.map((text) => JSON.parse(text))).toMatchObject([
        { action: 'register', actor: 'operator:ada', tenant: 'acme', about: 'acme:cam-0001', before: null },
        { action: 'tag', actor: 'operator:grace', before: { tags: [] }, after: { tags: ['lab'] } },
        { action: 'decommission', after: { decommissioned: true } },
      ]);
      expect(verdict).toMatchObject({ sealed: 3, waiting: 0, faults: [] });
      expect(await host.deadLetters()).toEqual([]);
    });

    test('are in one chain for each tenant, which nobody else sees', async () => {
      for (const deviceId of ['cam-0001', 'cam-0002', 'cam-0003']) await register(host, { deviceId });
      await register(host, {}, { tenant: 'other' });
      await host.advance(60_001);
      for (const deviceId of ['cam-0001', 'cam-0002', 'cam-0003'])
        expect((await audit(deviceId)).verdict).toMatchObject({ sealed: 1, faults: [] });
      const { body } = await host.http('GET', '/audit/seals/devices', undefined, { tenant: 'other' });
      const told = ListDeviceSeals.answer.parse(body).seals.map(({ text }) => JSON.parse(text));
      expect(told).toMatchObject([
        { log: 'devices', tenant: 'other', entries: [{ about: 'other:cam-0001' }] },
      ]);
    });

    test('are found when they, or the seals over them, are meddled with in the table', async () => {
      await register(host);
      await host.advance(1);
      await host.http('PUT', '/devices/cam-0001/tags', { tags: ['lab'] });
      await host.advance(60_001);
      const { texts, seals } = await audit();
      const { id } = JSON.parse(texts[1] ?? '');
      const table = host.table('registry');
      const entry = { pk: 'D#acme:cam-0001', sk: `audit#${id}` };
      await table.write({ update: entry, set: { actor: 'operator:eve' } });
      expect((await audit()).verdict.faults).toEqual([`entry ${id} is not what was sealed`]);
      await table.write({ delete: entry });
      expect((await audit()).verdict.faults).toEqual([`entry ${id} was sealed and is missing`]);
      const last = { pk: 'A#acme', sk: `seal#${String(seals.length).padStart(12, '0')}` };
      await table.write({
        update: last,
        set: { text: (seals.at(-1)?.text ?? '').replace('cam-0001', 'cam-0002') },
      });
      expect((await audit()).verdict.faults).toContainEqual(
        `seal ${seals.length} does not carry the signature of its key`,
      );
    });

    test('leave devices, their listing and the bus as they were', async () => {
      await register(host);
      await host.advance(60_001);
      await settled(host);
      expect((await host.http('GET', '/devices')).body).toMatchObject({
        devices: [{ deviceId: 'cam-0001' }],
      });
      const { items } = await host
        .table('registry')
        .query({ index: 'byTenant', partition: 'acme', limit: 10 });
      expect(items.map(({ sk }) => sk)).toEqual(['device']);
      expect(new Set(host.events.map(({ type }) => type))).toEqual(new Set([DeviceChanged.type]));
    });

    test('are all that is sealed: what a device says of itself is no decision', async () => {
      const certificateId = await register(host);
      await host.advance(60_001);
      const { seals } = await audit();
      await host.publishFromDevice(
        'acme:cam-0001',
        'inventory',
        { v: 1, attributes: { n: 1 } },
        certificateId,
      );
      await host.advance(3_600_000);
      const after = await audit();
      expect([after.texts.length, after.seals.length]).toEqual([1, seals.length]);
    });
  },
);
