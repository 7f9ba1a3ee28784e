import type { CheckRequest } from '#shared/contracts/device/check.ts';
import type { Running } from './device.ts';

/** What a check says that the device runs; `CheckRequest` refuses a message without the component main. */
export function runningSaid({
  components,
  hardware,
  bootId,
  confirmed,
}: CheckRequest): Omit<Running, 'seenAtMs'> {
  const { version = '', digest } = components.main ?? {};
  return { version, hardware, bootId, confirmed, ...(digest !== undefined && { digest }) };
}
