import { messageText } from '#shared/capabilities/message-text.ts';
import type { Queue } from '#shared/capabilities/queue.ts';
import { sendAll } from '#shared/capabilities/send-all.ts';
import { REPORTS_PER_BATCH, type ReportBatch } from '#shared/contracts/report-batch.ts';
import { faultOf } from '#shared/errors/fault-of.ts';
import type { Call } from '#shared/lambda/call.ts';
import type { ReportMessage } from './device-fact.ts';

/** The queues that handing over needs. */
export interface HandOverNeeds {
  /** Where telemetry-ingest reads what it keeps. */
  readonly reportLog: Queue;
  /** Where lies what that queue did not take. */
  readonly deadLetters: Queue;
}

/** SQS bills a request for each 64 KB: larger messages cost as much, and each that fails brings more again. */
const BATCH_BYTES = 64 * 1024;
const ENVELOPE_BYTES = Buffer.byteLength(JSON.stringify({ v: 1, reports: [] }));

/**
 * Hands reports over to telemetry-ingest for its raw log: durable once this resolves. When its queue does not take them (no such
 * queue, no right to it) they are put with this service's dead letters, where an alarm sees them, because no update waits for a
 * log. Throws when neither takes them.
 */
export async function handOver(
  reports: readonly ReportMessage[],
  { reportLog, deadLetters }: HandOverNeeds,
  call: Pick<Call, 'log' | 'count'>,
): Promise<void> {
  if (reports.length === 0) return;
  const messages = batchesOf(reports).map((batch) => ({ body: messageText(batch) }));
  try {
    await sendAll(reportLog, messages);
  } catch (fault) {
    call.count('ReportsNotHandedOver', reports.length);
    call.log.error('reports could not be handed over for the raw log', faultOf(fault));
    // Some may have been taken: the log then has them twice.
    await sendAll(deadLetters, messages);
  }
}

/** Batches in the order of the reports, each of at most 64 KB; a report that alone is more would be a batch of its own. */
export function batchesOf(messages: readonly ReportMessage[]): ReportBatch[] {
  const batches: ReportBatch['reports'][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const { thing, atMs, body } of messages) {
    const report = { thing, atMs, report: body };
    // With the comma before it.
    const reportBytes = Buffer.byteLength(messageText(report)) + 1;
    if (bytes + reportBytes > BATCH_BYTES || batches.at(-1)?.length === REPORTS_PER_BATCH) {
      batches.push([]);
      bytes = ENVELOPE_BYTES;
    }
    batches.at(-1)?.push(report);
    bytes += reportBytes;
  }
  return batches.map((reports) => ({ v: 1, reports }));
}
