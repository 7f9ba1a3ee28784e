import type * as z from 'zod';

/**
 * Which way something crosses the border, seen from our services. `in`: what others (devices of ten years ago, scripts) send
 * must go on being accepted. `out`: what we send must go on being readable by them. `between`: both ends are ours and are
 * deployed one after the other, with messages of yesterday still in the queues, so both hold.
 */
export type Direction = 'in' | 'out' | 'between';

/** What crosses a service or device border: who says it to whom, in which version, with an example of every variant. */
export interface Contract {
  /** `<area>/<what>`, kebab-case: `device/check`, `event/device-changed`, `api/register-device`. */
  readonly name: string;
  /** Which half of an exchange: `message` where there is only one, else `request` or `answer`. */
  readonly part: 'message' | 'request' | 'answer';
  /** Rises when old and new sides could no longer understand each other; old versions stay beside it (docs/contracts.md). */
  readonly version: number;
  readonly direction: Direction;
  readonly schema: z.ZodType;
  /** By variant. Together they show every field; once committed, an example is never changed. */
  readonly examples: Readonly<Record<string, unknown>>;
  readonly producers: readonly string[];
  readonly consumers: readonly string[];
}
