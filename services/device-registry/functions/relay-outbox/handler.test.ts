import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { DeviceChanged } from '#shared/contracts/events/device-changed.ts';
import { entriesOf, register } from '../../testing/events.ts';

describe('the registry’s outbox', () => {
  let host: TestHost;
  beforeEach(async () => {
    host = await startTestHost({ services: ['device-registry'], strict: true });
  });
  afterEach(() => host.stop());

  test('puts every change on the bus as its contract says, and nothing else', async () => {
    await register(host, { tags: ['bench'] });
    await host.http('PUT', '/devices/cam-0001/tags', { tags: ['lab'] });
    await host.http('DELETE', '/devices/cam-0001');
    await host.advance(120_000);
    const entries = await entriesOf(host, 'outbox');
    const ids = new Set(host.events.map(({ id }) => `outbox#${id}`));
    expect(ids).toEqual(new Set(entries.map(({ sk }) => sk)));
    for (const { id, source, type, detail } of host.events) {
      expect([source, type]).toEqual([DeviceChanged.source, DeviceChanged.type]);
      expect(DeviceChanged.detail.parse(detail)).toEqual(detail);
      expect(detail.id).toBe(id);
    }
  });

  test('keeps what it has told for a week', async () => {
    await register(host);
    const [entry] = await entriesOf(host, 'outbox');
    expect(entry?.expiresAt).toBe(Math.floor(Number(Object(entry?.detail).atMs) / 1000) + 7 * 86_400);
  });
});
