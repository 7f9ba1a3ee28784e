import type { DeviceLink } from '#shared/capabilities/device-link.ts';
import type { Report } from '#shared/contracts/device/report.ts';
import { thingOf } from '#shared/contracts/names.ts';
import { answerDevice, type DeviceAnswer } from '#shared/lambda/answer-device.ts';
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
  const reports = heard.messages
    .filter(isReport)
    .map(({ body }) => body)
    .filter(({ leaving }) => leaving !== true);
  // An install may begin only on an acknowledgement, and none is given for a permit that is over or was taken back.
  const isOver = row.attempt.reached === 'granted' && (heard.withdraw || asksToBegin(heard.facts));
  for (const [attempt, own] of Map.groupBy(reports, (report) => report.attempt)) {
    // Reports that were heard together are about one rollout.
    const answer = isOver ? withdrawnOf(row.rollout, attempt) : ackOf(attempt, own);
    await answerDevice(link, thing, answer);
  }
}

const withdrawnOf = (rollout: string, attempt: string): DeviceAnswer => ({
  kind: 'permit',
  answer: { v: 1, rollout, attempt, answer: 'withdrawn', why: 'the permit is over' },
});

const ackOf = (attempt: string, reports: readonly Report[]): DeviceAnswer => ({
  kind: 'ack',
  answer: {
    v: 1,
    attempt,
    ackSeq: Math.max(...reports.flatMap(({ events }) => events.map(({ seq }) => seq))),
  },
});
