import { describe, expect, test } from '@jest/globals';
import type { Table } from '#shared/capabilities/table.ts';
import { ConflictError } from '#shared/errors/errors.ts';
import { VirtualWorld } from '#shared/world/virtual-world.ts';
import { registered } from '../domain/registration.ts';
import { retagged } from '../domain/tags.ts';
import { toRow } from '../stores/device-row.ts';
import { DeviceStore } from '../stores/device-store.ts';
import { changeDevice } from './change-device.ts';

const FACTS = { tenant: 'acme', deviceId: 'cam-0001', product: 'cam', hardware: 'cam-rev-b', tags: [] };
const caller = { tenant: 'acme', name: 'ada', role: 'operator' } as const;

describe('a change that others keep getting in the way of', () => {
  test('is tried five times, each with its own ids and a pause in between, and then left to the caller', async () => {
    const world = new VirtualWorld();
    const tokens: string[] = [];
    const pauses: number[] = [];
    const table: Pick<Table, 'get' | 'transact'> = {
      get: async () => [toRow(registered(undefined, FACTS, 'f'.repeat(64), 0))],
      transact: async (_writes, { token }) => {
        tokens.push(token);
        throw new ConflictError('met another write');
      },
    };
    const change = changeDevice(
      { deviceId: 'cam-0001', caller, action: 'tag' },
      (device) => retagged(device, ['late']),
      {
        // Changing a device reads and writes one row; nothing else of the table is used.
        devices: new DeviceStore(table as Table),
        ids: { next: () => `id-${tokens.length}`, random: () => world.random() },
        clock: {
          now: () => world.now(),
          pause: async (delayMs) => {
            pauses.push(delayMs);
          },
        },
      },
    );
    await expect(change).rejects.toThrow(ConflictError);
    expect(tokens).toEqual(['id-0', 'id-1', 'id-2', 'id-3', 'id-4']);
    expect(new Set(pauses).size).toBe(4);
  });
});
