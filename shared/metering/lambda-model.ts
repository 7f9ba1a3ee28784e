/** Lambda gives a whole vCPU at 1,769 MB, and in proportion below (AWS, "Configure Lambda function memory"). */
const MEGABYTES_OF_ONE_CPU = 1769;

/** What a duration is made of where functions run in one process and no duration is Lambda's. */
const DURATION_MODEL = {
  /** CPU of one message on a whole core: what the host was measured to use for an answered check, broker included. */
  cpuMsPerMessage: 0.25,
  /** A request to another AWS service in the Region, there and back; taken one after the other. */
  networkMsPerCall: 5,
} as const;

/** Says the model in words, for everything that prints figures. */
export const DURATION_TEXT =
  `Lambda durations are modelled: ${DURATION_MODEL.cpuMsPerMessage} ms of CPU a message x ` +
  `1,769 MB / memory, and ${DURATION_MODEL.networkMsPerCall} ms for each call of an AWS service, one after the other`;

/** Milliseconds that Lambda would bill an invocation, by the model. */
export function modelledDurationMs(memoryMegabytes: number, messages: number, calls: number): number {
  const slowdown = Math.max(1, MEGABYTES_OF_ONE_CPU / memoryMegabytes);
  return messages * DURATION_MODEL.cpuMsPerMessage * slowdown + calls * DURATION_MODEL.networkMsPerCall;
}
