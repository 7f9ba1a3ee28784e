import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Bucket } from '#shared/capabilities/bucket.ts';
import type { Table, TransactResult } from '#shared/capabilities/table.ts';
import { ConflictError, ThrottledError } from '#shared/errors/errors.ts';
import { FailureStore } from '../../stores/failure-store.ts';
import { batchOf, failure, fromDevice, NOON_MS } from '../../testing/events.ts';
import { storeReports } from './store-reports.ts';

const MESSAGE = { body: batchOf(fromDevice('acme:cam-1', failure('flash-write'))) };

describe('storing reports while something fails', () => {
  let did: string[];
  let pauses: number;
  let transact: () => TransactResult;
  beforeEach(() => {
    did = [];
    pauses = 0;
    transact = () => ({ outcome: 'written' });
  });

  function store(): Promise<unknown> {
    const table: Pick<Table, 'query' | 'transact'> = {
      query: async () => ({ items: [] }),
      transact: async () => {
        did.push('count');
        return transact();
      },
    };
    const bucket: Pick<Bucket, 'put'> = {
      put: async (key) => {
        did.push('put');
        return { key, sizeBytes: 1, version: '1', etag: '1' };
      },
    };
    return storeReports(
      [MESSAGE],
      {
        // Storing uses these calls only.
        bucket: bucket as Bucket,
        failures: new FailureStore(table as Table),
        ids: { next: () => `01JD4Z6Q7R8S9T0V1W2X${String(did.length).padStart(6, '0')}`, random: () => 0.5 },
        clock: {
          now: () => NOON_MS,
          pause: async () => {
            pauses += 1;
          },
        },
      },
      { concerns: () => undefined, count: () => undefined },
    );
  }

  test('counts before it writes, so that a batch that could not be counted is not in the log twice', async () => {
    await store();
    expect(did).toEqual(['count', 'put']);
    did = [];
    transact = () => {
      throw new ThrottledError('busy');
    };
    await expect(store()).rejects.toThrow(ThrottledError);
    expect(did).toEqual(['count']);
  });

  test('goes on after others were at the same items', async () => {
    let conflicts = 0;
    transact = () => {
      if (conflicts++ < 11) throw new ConflictError('met another write');
      return { outcome: 'written' };
    };
    await store();
    expect(did).toEqual([...Array(12).fill('count'), 'put']);
    expect(pauses).toBe(11);
  });

  test('leaves the batch to the queue when others stay at the same items', async () => {
    transact = () => {
      throw new ConflictError('met another write');
    };
    await expect(store()).rejects.toThrow(ConflictError);
    expect(did).toHaveLength(12);
  });

  test('is done when somebody else has counted everything meanwhile', async () => {
    transact = () => ({ outcome: 'refused', failed: [{ index: 0 }] });
    await store();
    expect(did).toEqual(['count', 'put']);
  });
});
