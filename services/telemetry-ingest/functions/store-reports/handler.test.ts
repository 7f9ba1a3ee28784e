import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { ConflictError } from '#shared/errors/errors.ts';
import type { LoggedReport } from '../../domain/log-line.ts';
import {
  batch,
  batchOf,
  failure,
  fromDevice,
  keysOf,
  messages,
  NOON_MS,
  ROLLOUT,
  report,
  textOf,
} from '../../testing/events.ts';

const ATTEMPTS = ['01JD4Z6Q7R8S9T0V1W2X3Y4Z51', '01JD4Z6Q7R8S9T0V1W2X3Y4Z52', '01JD4Z6Q7R8S9T0V1W2X3Y4Z53'];

describe('storing reports', () => {
  let host: TestHost;
  beforeEach(async () => {
    host = await startTestHost({ services: ['telemetry-ingest'], strict: true });
  });
  afterEach(() => host.stop());

  const deliver = (...reports: LoggedReport[]) => host.invoke('storeReports', batch(...reports));
  /** Delivers until everything is taken, as the queue would. */
  async function deliverAll(...reports: LoggedReport[]) {
    const outcome = await deliver(...reports).catch((error: unknown) => error);
    if (outcome instanceof ConflictError) await deliverAll(...reports);
    else if (outcome instanceof Error) throw outcome;
  }
  async function failures(tenant = 'acme', rollout = ROLLOUT) {
    const caller = { tenant, role: 'viewer' } as const;
    return (await host.http('GET', `/rollouts/${rollout}/failures`, undefined, caller)).body.failures;
  }

  describe('in the log', () => {
    test('makes one object of a batch, with a line of JSON for each report', async () => {
      await deliver(fromDevice('acme:cam-1', report()), fromDevice('acme:cam-2', report(), NOON_MS + 1));
      const [key = ''] = await keysOf(host);
      expect(key).toMatch(/^reports\/tenant=acme\/day=2026-03-01\/hour=12\/[0-9A-Z]{26}\.jsonl$/);
      const lines = (await textOf(host, key)).trimEnd().split('\n');
      expect(lines.map((line) => JSON.parse(line))).toEqual([
        { thing: 'acme:cam-1', atMs: NOON_MS, report: report() },
        { thing: 'acme:cam-2', atMs: NOON_MS + 1, report: report() },
      ]);
    });

    test('makes two objects of a batch over midnight, by the broker’s time', async () => {
      const midnightMs = Date.UTC(2026, 2, 2);
      await deliver(
        fromDevice('acme:cam-1', report(), midnightMs - 1),
        fromDevice('acme:cam-1', report(), midnightMs),
      );
      expect((await keysOf(host)).map((key) => key.slice(0, 43))).toEqual([
        'reports/tenant=acme/day=2026-03-01/hour=23/',
        'reports/tenant=acme/day=2026-03-02/hour=00/',
      ]);
    });

    test('never puts two tenants into one object', async () => {
      await deliver(fromDevice('acme:cam-1', report()), fromDevice('other:cam-1', report()));
      expect((await keysOf(host)).map((key) => key.split('/')[1])).toEqual(['tenant=acme', 'tenant=other']);
    });

    test('makes one object of all batches of a delivery; one that breaks the contract comes again alone', async () => {
      const [first, second] = [fromDevice('acme:cam-1', report()), fromDevice('acme:cam-2', report())];
      const broken = fromDevice('acme:cam-3', { ...report(), events: [] });
      const delivery = messages(batchOf(first), batchOf(first, broken), batchOf(second), 'poison');
      expect(await host.invoke('storeReports', delivery)).toEqual({
        batchItemFailures: [{ itemIdentifier: '1' }, { itemIdentifier: '3' }],
      });
      const [key = '', ...others] = await keysOf(host);
      expect(others).toEqual([]);
      expect((await textOf(host, key)).trimEnd().split('\n')).toHaveLength(2);
    });
  });

  describe('as failures', () => {
    test('counts by reason, hardware and version, the most frequent first', async () => {
      await deliver(
        fromDevice('acme:cam-1', failure('flash-write')),
        fromDevice('acme:cam-2', failure('flash-write')),
        fromDevice('acme:cam-3', failure('flash-write', { hardware: 'cam-rev-c' })),
        fromDevice('acme:cam-4', failure('flash-write', { target: '2.2.0' })),
        fromDevice('acme:cam-5', failure(undefined)),
        fromDevice('acme:cam-6', report()),
      );
      const counted = await failures();
      expect(counted[0]).toEqual({
        reason: 'flash-write',
        hardware: 'cam-rev-b',
        version: '2.1.0',
        count: 2,
      });
      expect(counted).toHaveLength(4);
      expect(counted).toContainEqual({
        reason: 'unspecified',
        hardware: 'cam-rev-b',
        version: '2.1.0',
        count: 1,
      });
    });

    test('counts each once, however often it is told, in one batch or many', async () => {
      const told = fromDevice('acme:cam-1', failure('flash-write'));
      await deliver(told, told);
      await deliver(fromDevice('acme:cam-1', failure('flash-write'), NOON_MS + 9), told);
      expect(await failures()).toMatchObject([{ count: 1 }]);
    });

    test('counts each once when two take the same batch at once', async () => {
      const reports = Array.from({ length: 60 }, (_, at) =>
        fromDevice(`acme:cam-${at}`, failure('flash-write')),
      );
      await Promise.all([
        deliverAll(...reports),
        deliverAll(...reports.toReversed()),
        deliverAll(...reports),
      ]);
      expect(await failures()).toMatchObject([{ count: 60 }]);
    });

    test('counts the attempts of a device apart', async () => {
      for (const attempt of ATTEMPTS) {
        await deliver(fromDevice('acme:cam-1', failure('flash-write', { attempt })));
      }
      expect(await failures()).toMatchObject([{ count: 3 }]);
    });

    test('keeps tenants and rollouts apart', async () => {
      const elsewhere = failure('flash-write', { rollout: '01JD4Z6Q7R8S9T0V1W2X3Y4Z5F' });
      await deliver(fromDevice('acme:cam-1', failure('flash-write')), fromDevice('acme:cam-1', elsewhere));
      expect(await failures()).toMatchObject([{ count: 1 }]);
      expect(await failures('other')).toEqual([]);
    });

    test('counts no more than twenty failures of one device, and those told again take no place', async () => {
      const tell = (from: number, to: number) => {
        const seqs = Array.from({ length: to - from + 1 }, (_, at) => from + at);
        const events = seqs.map((seq) => ({ seq, state: 'failed' as const, uptimeMs: 1 }));
        return deliver(fromDevice('acme:cam-1', report({ events })));
      };
      await tell(1, 15);
      await tell(1, 18);
      expect(await failures()).toMatchObject([{ count: 18 }]);
      await tell(5, 24);
      await tell(25, 40);
      expect(await failures()).toMatchObject([{ count: 20 }]);
    });

    test('counts what comes after two hundred kinds as other', async () => {
      for (let tens = 0; tens < 21; tens++) {
        await deliver(
          ...Array.from({ length: 10 }, (_, ones) =>
            fromDevice(`acme:cam-${tens}-${ones}`, failure(`reason-${tens}-${ones}`)),
          ),
        );
      }
      const counted = await failures();
      expect(counted).toHaveLength(201);
      expect(counted[0]).toEqual({ reason: 'other', hardware: 'other', version: 'other', count: 10 });
    });

    test('keeps the mark of a failure for four hundred days', async () => {
      await deliver(fromDevice('acme:cam-1', failure('flash-write')));
      const partition = `M#acme#${ROLLOUT}#cam-1`;
      const { items } = await host.table('failures').query({ partition, limit: 10, consistent: true });
      expect(items).toMatchObject([{ expiresAt: NOON_MS / 1000 + 400 * 86_400 }]);
    });

    test('are as many as there are, however they are cut into batches, repeated and delivered at once', async () => {
      const told = fc.record({
        device: fc.integer({ min: 1, max: 4 }),
        attempt: fc.constantFrom(...ATTEMPTS),
        seq: fc.integer({ min: 1, max: 2 }),
      });
      let runs = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(fc.array(told, { maxLength: 12 }), { maxLength: 4 }), async (batches) => {
          runs += 1;
          const rollout = `01JD4Z6Q7R8S9T0V1W2X${String(runs).padStart(6, '0')}`;
          await Promise.all(
            batches.map((ofBatch) =>
              deliverAll(
                ...ofBatch.map(({ device, attempt, seq }) =>
                  fromDevice(`acme:cam-${device}`, failure('flash-write', { rollout, attempt }, seq)),
                ),
              ),
            ),
          );
          const names = batches.flat().map(({ device, attempt, seq }) => `${device} ${attempt} ${seq}`);
          const counted = (await failures('acme', rollout)).map(({ count }: { count: number }) => count);
          expect(counted).toEqual(names.length === 0 ? [] : [new Set(names).size]);
        }),
        { numRuns: 30 },
      );
    });
  });

  test('is asked for a rollout by its id only', async () => {
    const { status, body } = await host.http('GET', '/rollouts/latest/failures');
    expect(status).toBe(400);
    expect(body.error.field).toBe('rollout');
  });
});
