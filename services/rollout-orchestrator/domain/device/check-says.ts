import type { CheckRequest } from '#shared/contracts/device/check.ts';
import type { Running } from './device.ts';

/** What a check says that the device runs, and what keeps it from what it is offered; `CheckRequest` refuses a message without the component main. */
export function runningSaid({
  components,
  hardware,
  bootId,
  confirmed,
  trouble,
}: CheckRequest): Omit<Running, 'seenAtMs'> {
  const { version = '', digest } = components.main ?? {};
  return {
    version,
    hardware,
    bootId,
    confirmed,
    ...(digest !== undefined && { digest }),
    ...(trouble && { trouble }),
  };
}
