import type { DeviceLink } from '#shared/capabilities/device-link.ts';
import type { PermitAnswer } from '#shared/contracts/device/permit.ts';
import type { Ack } from '#shared/contracts/device/report.ts';
import { downTopic } from '#shared/contracts/device/topics.ts';
import { thingOf } from '#shared/contracts/names.ts';
import { asksToBegin } from '../../domain/attempt/withhold-beginning.ts';
import type { Settled } from '../../steps/move-attempts.ts';
import { isReport } from './device-fact.ts';
import type { HeardFrom } from './heard-from.ts';

/** Acknowledges reports that are committed, or tells the device that its permit was taken back. */
export async function acknowledge(
  { heard, row }: Pick<Settled<HeardFrom>, 'heard' | 'row'>,
  link: DeviceLink,
): Promise<void> {
  if (row?.attempt === undefined) return;
  const thing = thingOf(heard.tenant, heard.deviceId);
  // Who leaves hears no answer; what it said is said again by its next check.
  const reports = heard.messages.filter(isReport).filter(({ body }) => body.leaving !== true);
  // An install may begin only on an acknowledgement, and none is given for a permit that is over or was taken back.
  const isOver = row.attempt.reached === 'granted' && (heard.withdraw || asksToBegin(heard.facts));
  const byAttempt = Map.groupBy(
    reports.map(({ body }) => body),
    ({ attempt }) => attempt,
  );
  for (const [attempt, own] of byAttempt) {
    if (isOver) {
      // Reports that were heard together are about one rollout.
      const { rollout } = row;
      const answer = { v: 1, rollout, attempt, answer: 'withdrawn', why: 'the permit is over' } as const;
      await link.publish(downTopic(thing, 'permit'), encode(answer));
      continue;
    }
    const ackSeq = Math.max(...own.flatMap(({ events }) => events.map(({ seq }) => seq)));
    await link.publish(downTopic(thing, 'ack'), encode({ v: 1, attempt, ackSeq }));
  }
}

const encode = (message: Ack | PermitAnswer): Uint8Array => Buffer.from(JSON.stringify(message));
