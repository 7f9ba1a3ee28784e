import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type OpenStore, openStore } from '#host/testing/open-store.ts';
import { changed } from '../domain/device.ts';
import { NO_PRESENCE } from '../domain/presence.ts';
import { registered } from '../domain/registration.ts';
import { DeviceStore } from './device-store.ts';
import { PresenceStore } from './presence-store.ts';

const FACTS = { tenant: 'acme', deviceId: 'cam-0001', product: 'cam', hardware: 'cam-rev-b', tags: [] };

describe('a write that was decided on an old read', () => {
  let opened: OpenStore;
  beforeEach(() => {
    opened = openStore();
  });
  afterEach(() => opened.close());

  test('of a device changes nothing and tells nobody', async () => {
    const table = opened.store.table({ name: 'registry' });
    const devices = new DeviceStore(table);
    const before = registered(undefined, FACTS, 'f'.repeat(64), 0);
    const after = changed(before, { tags: ['lab'] });
    expect(await devices.save({ before: undefined, after: before, id: 'first', atMs: 0 })).toBe('saved');
    expect(await devices.save({ before, after, id: 'second', atMs: 0 })).toBe('saved');
    const late = changed(before, { tags: ['late'] });
    expect(await devices.save({ before, after: late, id: 'third', atMs: 0 })).toBe('stale');
    expect(await devices.save({ before: undefined, after: late, id: 'fourth', atMs: 0 })).toBe('stale');
    expect(await devices.find('acme', 'cam-0001')).toEqual(after);
    const { items } = await table.query({ partition: 'D#acme:cam-0001', prefix: 'outbox#', limit: 10 });
    expect(items).toHaveLength(2);
  });

  test('of a time that was noted meanwhile changes nothing, though the version is the same', async () => {
    const devices = new DeviceStore(opened.store.table({ name: 'registry' }));
    const fresh = registered(undefined, FACTS, 'f'.repeat(64), 0);
    await devices.save({ before: undefined, after: fresh, id: 'first', atMs: 0 });
    const first = { ...fresh, inventoryAtMs: 1 };
    expect(await devices.note(fresh, first)).toBe('saved');
    expect(await devices.note(fresh, { ...fresh, inventoryAtMs: 0 })).toBe('stale');
    const second = { ...fresh, inventoryAtMs: 2 };
    expect(await devices.note(first, second)).toBe('saved');
    const late = changed(first, { attributes: { late: true } });
    expect(await devices.save({ before: first, after: late, id: 'second', atMs: 0 })).toBe('stale');
    expect(await devices.find('acme', 'cam-0001')).toEqual(second);
  });

  test('of a presence changes nothing', async () => {
    const presences = new PresenceStore(opened.store.table({ name: 'presence' }));
    const open = { open: { s1: 1 }, ended: {} };
    expect(await presences.save('acme:cam-0001', open, 0)).toBe('saved');
    expect(await presences.save('acme:cam-0001', NO_PRESENCE, 0)).toBe('stale');
    expect(await presences.save('acme:cam-0001', open, 1)).toBe('saved');
    expect(await presences.save('acme:cam-0001', NO_PRESENCE, 1)).toBe('stale');
    const [kept] = await presences.find(['acme:cam-0001'], { consistent: true });
    expect(kept).toEqual({ presence: open, revision: 2 });
  });
});
