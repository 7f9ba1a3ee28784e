import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type OpenLocalIdentity, openIdentity } from '#host/testing/open-identity.ts';
import { openStore } from '#host/testing/open-store.ts';
import { describeIdentity } from '#shared/capabilities/conformance/identity.suite.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { TableThingRegistry, THINGS_TABLE } from './thing-registry.ts';

describeIdentity('the local authority', openIdentity);

describe('the things of a home', () => {
  let opened: OpenLocalIdentity;
  beforeEach(async () => {
    opened = await openIdentity();
  });
  afterEach(() => opened.close());

  const issue = (thing: string, attributes: Record<string, string> = { product: 'cam' }) =>
    opened.identity.issue({ thing, attributes });

  test('are found by the certificate that was issued to them', async () => {
    const { certificateId } = await issue('acme:cam-1');
    expect(opened.registry.find(certificateId)).toEqual({
      thing: 'acme:cam-1',
      attributes: { product: 'cam' },
      status: 'active',
    });
    expect(opened.registry.find('0'.repeat(64))).toBeUndefined();
  });

  test('are found revoked, each certificate for itself, and the home hears whose connections to end', async () => {
    const first = await issue('acme:cam-1');
    const second = await issue('acme:cam-1');
    await opened.identity.revoke('acme:cam-1', first.certificateId);
    expect(opened.registry.find(first.certificateId)?.status).toBe('revoked');
    expect(opened.registry.find(second.certificateId)?.status).toBe('active');
    expect(opened.revoked).toEqual(['acme:cam-1']);
  });

  test('are not touched by whoever revokes a certificate of another', async () => {
    const { certificateId } = await issue('acme:cam-1');
    await issue('acme:cam-2');
    await expect(opened.identity.revoke('acme:cam-2', certificateId)).rejects.toMatchObject({
      code: 'not-found',
    });
    expect(opened.registry.find(certificateId)?.status).toBe('active');
    expect(opened.revoked).toEqual([]);
  });

  test('have the attributes that they were last given', async () => {
    const { certificateId } = await issue('acme:cam-1', { hardware: 'rev-a' });
    await issue('acme:cam-1', { hardware: 'rev-b' });
    expect(opened.registry.find(certificateId)?.attributes).toEqual({ hardware: 'rev-b' });
  });

  test('are all there when the home starts again', async () => {
    const issued = await Promise.all(Array.from({ length: 300 }, (_, at) => issue(`acme:cam-${at}`)));
    const last = await issue('acme:cam-0', { product: 'new' });
    await opened.identity.revoke('acme:cam-7', issued[7]?.certificateId ?? '');
    const registry = new TableThingRegistry(opened.table, realWorld);
    issued.forEach(({ certificateId }, at) => {
      expect(registry.find(certificateId)).toEqual({
        thing: `acme:cam-${at}`,
        attributes: { product: at === 0 ? 'new' : 'cam' },
        status: at === 7 ? 'revoked' : 'active',
      });
    });
    expect(registry.find(last.certificateId)?.status).toBe('active');
  });

  test('are read when they are asked for, not when the home starts: there may be a million of them', async () => {
    const issued = await Promise.all(Array.from({ length: 20 }, (_, at) => issue(`acme:cam-${at}`)));
    const reads = [jest.spyOn(opened.table, 'query'), jest.spyOn(opened.table, 'peekPage')];
    const items = jest.spyOn(opened.table, 'peek');
    const registry = new TableThingRegistry(opened.table, realWorld);
    for (const read of [...reads, items]) expect(read).not.toHaveBeenCalled();
    registry.find(issued[3]?.certificateId ?? '');
    expect(items.mock.calls.map(([{ sk }]) => sk)).toEqual(['acme:cam-3']);
  });

  test('that an earlier version has written, without an index, are found too', async () => {
    const home = openStore();
    await home.store.table({ name: THINGS_TABLE.name }).putAll([
      // Partitions are the first byte of the sha256 of the name, modulo 64.
      { pk: 'things#36', sk: 'acme:cam-1', thing: 'acme:cam-1', attributes: { product: 'cam' } },
      { pk: 'things#36', sk: 'acme:cam-1#c1', thing: 'acme:cam-1', certificateId: 'c1', status: 'active' },
      { pk: 'things#36', sk: 'acme:cam-1#c0', thing: 'acme:cam-1', certificateId: 'c0', status: 'revoked' },
    ]);
    const registry = new TableThingRegistry(home.reopen().table(THINGS_TABLE), realWorld);
    expect(registry.find('c1')).toEqual({
      thing: 'acme:cam-1',
      attributes: { product: 'cam' },
      status: 'active',
    });
    expect(registry.find('c0')?.status).toBe('revoked');
    await home.close();
  });

  test.each(['cam-1', 'acme:', ':cam', 'acme:cam#1', 'acme:a:b', 'ACME:cam', `acme:${'x'.repeat(44)}`])(
    'cannot be named %j',
    async (thing) => {
      await expect(issue(thing)).rejects.toMatchObject({ field: 'thing' });
    },
  );

  test.each([
    [{ 'a b': 'x' }, 'attributes'],
    [{ product: 'a b' }, 'attributes.product'],
    [{ product: 'x'.repeat(801) }, 'attributes.product'],
    [Object.fromEntries(Array.from({ length: 51 }, (_, at) => [`a${at}`, ''])), 'attributes'],
  ])('cannot have attributes that AWS IoT would not take', async (attributes, field) => {
    await expect(issue('acme:cam-1', attributes)).rejects.toMatchObject({ field });
  });
});
