import type { Usage } from './billed-unit.ts';

/** Units of each step of an update per device, and of an idle check, as `npm run cost` measured them. */
export const MEASURED: {
  readonly perDevice: Readonly<Record<string, Usage>>;
  readonly perIdleCheck: Usage;
} = { perDevice: {}, perIdleCheck: {} };
