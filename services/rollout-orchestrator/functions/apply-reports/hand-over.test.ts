import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { OutgoingMessage, Queue } from '#shared/capabilities/queue.ts';
import type { Report } from '#shared/contracts/device/report.ts';
import { ReportBatch } from '#shared/contracts/report-batch.ts';
import { ThrottledError } from '#shared/errors/errors.ts';
import type { Call } from '#shared/lambda/call.ts';
import type { ReportMessage } from './device-fact.ts';
import { batchesOf, handOver } from './hand-over.ts';

/** A request of SQS is billed for each 64 KB. */
const BILLED_BYTES = 65_536;

function message(device: number, different: Partial<Report> = {}): ReportMessage {
  const deviceId = `cam-${device}`;
  const body: Report = {
    v: 1,
    rollout: '01JD4Z6Q7R8S9T0V1W2X3Y4Z5D',
    attempt: '01JD4Z6Q7R8S9T0V1W2X3Y4Z5E',
    hardware: 'cam-rev-b',
    target: '2.1.0',
    bootId: 'boot-0001',
    events: [{ seq: 1, state: 'installing', uptimeMs: 1000 }],
    ...different,
  };
  const certificateId = 'c'.repeat(64);
  return {
    thing: `acme:${deviceId}`,
    tenant: 'acme',
    deviceId,
    certificateId,
    atMs: 1_780_000_000_000,
    body,
  };
}

/** A report as long as the protocol lets it be, in characters of three bytes. */
const longest = (device: number): ReportMessage =>
  message(device, {
    events: Array.from({ length: 10 }, (_, at) => ({
      seq: at + 1,
      state: 'progress',
      uptimeMs: 1,
      detail: '漢'.repeat(500),
    })),
  });

describe('reports that are handed over', () => {
  test('go into as few messages as one billed request each allows, every report once and in order', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 100 }), (lengths) => {
        const messages = lengths.map((isLong, device) => (isLong ? longest(device) : message(device)));
        const batches = batchesOf(messages);
        expect(batches.flatMap(({ reports }) => reports)).toEqual(
          messages.map(({ thing, atMs, body }) => ({ thing, atMs, report: body })),
        );
        const sizes = batches.map((batch) => {
          expect(ReportBatch.parse(batch)).toEqual(batch);
          return Buffer.byteLength(JSON.stringify(batch));
        });
        expect(Math.max(0, ...sizes)).toBeLessThanOrEqual(BILLED_BYTES);
        // What begins a batch would not have fitted into the one before.
        for (const [at, batch] of batches.slice(1).entries()) {
          const first = Buffer.byteLength(JSON.stringify(batch.reports[0]));
          expect((sizes[at] ?? 0) + first + 1).toBeGreaterThan(BILLED_BYTES);
        }
      }),
      { numRuns: 50 },
    );
  });

  describe('to queues that fail', () => {
    let sent: { readonly to: string; readonly reports: number }[];
    let told: { count: number; errors: number };
    beforeEach(() => {
      sent = [];
      told = { count: 0, errors: 0 };
    });

    const call = {
      log: {
        error: () => {
          told.errors += 1;
        },
      },
      count: (_: string, value = 1) => {
        told.count += value;
      },
      // Handing over logs and counts, and uses nothing else of a call.
    } as unknown as Pick<Call, 'log' | 'count'>;
    const keeps = (to: string, failed: readonly number[] = []): Queue => ({
      send: async (messages: readonly OutgoingMessage[]) => {
        for (const { body } of messages) {
          sent.push({ to, reports: ReportBatch.parse(JSON.parse(body)).reports.length });
        }
        return { failed };
      },
    });
    const throws: Queue = { send: () => Promise.reject(new Error('there is no such queue')) };
    const some = [message(1), message(2), message(3)];

    test('are with the dead letters, counted and told in the log, when their own queue is not there', async () => {
      await handOver(some, { reportLog: throws, deadLetters: keeps('dead') }, call);
      expect(sent).toEqual([{ to: 'dead', reports: 3 }]);
      expect(told).toEqual({ count: 3, errors: 1 });
    });

    test('are with the dead letters when their own queue takes nothing, however often it is asked', async () => {
      await handOver(some, { reportLog: keeps('log', [0]), deadLetters: keeps('dead') }, call);
      expect(sent.map(({ to }) => to)).toEqual([...Array(5).fill('log'), 'dead']);
    });

    test('are not handed over when neither takes them, and whoever asked hears of it', async () => {
      const busy: Queue = { send: () => Promise.reject(new ThrottledError('busy')) };
      const handing = handOver(some, { reportLog: throws, deadLetters: busy }, call);
      await expect(handing).rejects.toThrow(ThrottledError);
    });

    test('cost nothing when there are none', async () => {
      await handOver([], { reportLog: throws, deadLetters: throws }, call);
      expect(told).toEqual({ count: 0, errors: 0 });
    });
  });
});
