import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestHost, type TestCaller, type TestHost } from '#host/testing/test-host.ts';
import { entriesOf, register } from '../../testing/events.ts';

describe('tagging a device', () => {
  let host: TestHost;
  beforeEach(async () => {
    host = await startTestHost({ services: ['device-registry'], strict: true });
    await register(host, { tags: ['bench'] });
  });
  afterEach(() => host.stop());

  const tag = (tags: unknown, caller: TestCaller = {}) =>
    host.http('PUT', '/devices/cam-0001/tags', { tags }, caller);
  const told = async () => (await entriesOf(host, 'outbox')).map(({ detail }) => detail);

  test('replaces its tags, tells the bus and says who did it', async () => {
    const { body } = await tag(['lab', 'internal'], { name: 'grace', role: 'operator' });
    expect(body).toMatchObject({ tags: ['internal', 'lab'], entityVersion: 2 });
    expect((await told())[1]).toMatchObject({ tags: ['internal', 'lab'], entityVersion: 2 });
    expect((await entriesOf(host, 'audit'))[1]).toMatchObject({
      actor: 'operator:grace',
      action: 'tag',
      before: { tags: ['bench'] },
      after: { tags: ['internal', 'lab'] },
    });
  });

  test('writes and tells nothing when the tags are the same', async () => {
    const { status, body } = await tag(['bench']);
    expect(status).toBe(200);
    expect(body.entityVersion).toBe(1);
    expect(await told()).toHaveLength(1);
  });

  test('leaves what a newer version keeps of the device as it is, and shows none of it', async () => {
    const key = { pk: 'D#acme:cam-0001', sk: 'device' };
    await host.table('registry').write({ update: key, set: { site: { hall: 3 } } });
    expect((await tag(['lab'])).body).not.toHaveProperty('site');
    const [row] = await host.table('registry').get([key], { consistent: true });
    expect(row).toMatchObject({ tags: ['lab'], site: { hall: 3 } });
  });

  test('takes all tags away when given none', async () => {
    expect((await tag([])).body.tags).toEqual([]);
  });

  test('gives every change its own version when two come at once', async () => {
    const answers = await Promise.all([tag(['one']), tag(['two'])]);
    expect(answers.map(({ body }) => body.entityVersion).sort()).toEqual([2, 3]);
    expect(await told()).toMatchObject([{ entityVersion: 1 }, { entityVersion: 2 }, { entityVersion: 3 }]);
  });

  test('is refused where the device has other tags than it must have, unless nothing is left to do', async () => {
    const change = (tags: readonly string[], had: readonly string[]) =>
      host.http('PUT', '/devices/cam-0001/tags', { tags, had });
    expect((await change(['bench', 'lab'], ['bench'])).body.tags).toEqual(['bench', 'lab']);
    const { status, body } = await change(['bench', 'early'], ['bench']);
    expect([status, body.error]).toEqual([
      409,
      expect.objectContaining({ code: 'wrong-state', field: 'had' }),
    ]);
    // As of a request whose answer was lost.
    expect((await change(['lab', 'bench'], ['bench'])).status).toBe(200);
    expect((await change(['early'], ['lab', 'bench'])).body.tags).toEqual(['early']);
  });

  test('is refused for a device out of service', async () => {
    await host.http('DELETE', '/devices/cam-0001');
    const { status, body } = await tag(['late']);
    expect(status).toBe(409);
    expect(body.error).toMatchObject({ field: 'deviceId', rule: 'must not be decommissioned' });
  });

  test('knows no device of another tenant', async () => {
    expect((await tag(['mine'], { tenant: 'other' })).status).toBe(404);
  });

  test('refuses tags that break a rule by name', async () => {
    const bad: [string, unknown][] = [
      ['tags', undefined],
      ['tags', 'bench'],
      ['tags.1', ['fine', 'Not fine']],
      ['tags', ['twice', 'twice']],
    ];
    for (const [field, tags] of bad) {
      const { status, body } = await tag(tags);
      expect([status, body.error.field]).toEqual([400, field]);
    }
  });

  test('is for operators only', async () => {
    expect((await tag(['mine'], { role: 'viewer' })).status).toBe(403);
    expect((await tag(['mine'], { role: 'operator' })).status).toBe(200);
  });
});
