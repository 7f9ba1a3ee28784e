import type { CheckRequest } from '#shared/contracts/device/check.ts';
import { Report } from '#shared/contracts/device/report.ts';
import type { DeviceMessage } from '#shared/lambda/device-message.ts';
import type { Fact } from '../../domain/attempt/facts.ts';
import { runningSaid } from '../../domain/device/check-says.ts';
import type { Running } from '../../domain/device/device.ts';
import { checkOr } from '../../steps/check-or.ts';

/**
 * What the reports queue carries: reports, and checks that prove or contradict something. Devices publish the check of a boot that
 * follows an install here, as a fact that nobody answers; others are forwarded by check-for-update just as they came.
 */
export type DeviceFact = Report | CheckRequest;

/** Reads either: a report has events, a check has components. */
export const DeviceFact = checkOr(Report);

/** A report, and who sent it. */
export type ReportMessage = DeviceMessage<Report>;
/** A check that came as a fact, and who sent it. */
export type SightingMessage = DeviceMessage<CheckRequest>;

/** Whether that is a device's report of its attempt; otherwise it is a check. */
export const isReportBody = (body: DeviceFact): body is Report => 'events' in body;

/** Whether a message is a device's report of its attempt. */
export const isReport = (message: DeviceMessage<DeviceFact>): message is ReportMessage =>
  isReportBody(message.body);

/** Whether a message is a check. */
export const isSighting = (message: DeviceMessage<DeviceFact>): message is SightingMessage =>
  !isReport(message);

/** What a message says of an attempt. */
export function factsOf({ body, atMs }: DeviceMessage<DeviceFact>): readonly Fact[] {
  return isReportBody(body) ? factsOfReport(body, atMs) : [factOfSighting(body, atMs)];
}

function factsOfReport(body: Report, atMs: number): Fact[] {
  return body.events.map(({ seq, state, reason, bootId }) => ({
    fact: 'report',
    attempt: body.attempt,
    seq,
    state,
    bootId: bootId ?? body.bootId,
    atMs,
    ...(reason !== undefined && { reason }),
    ...(body.backWithin !== undefined && { backWithinSeconds: body.backWithin }),
  }));
}

/** The proof part of a check. */
function factOfSighting(body: CheckRequest, atMs: number): Fact {
  const { version, digest } = runningSaid(body);
  return {
    fact: 'sighting',
    version,
    bootId: body.bootId,
    confirmed: body.confirmed,
    atMs,
    ...(digest !== undefined && { digest }),
    ...(body.last && { last: { attempt: body.last.attempt, state: body.last.state } }),
    ...(body.backWithin !== undefined && { backWithinSeconds: body.backWithin }),
  };
}

/** What a check says that the device runs, and when it was heard. */
export const runningOf = ({ body, atMs }: SightingMessage): Running => ({
  ...runningSaid(body),
  seenAtMs: atMs,
});
