import type { DeviceAccess } from '../load/load-device.ts';

/** What a process that holds connections is told to do. One order at a time. */
export type Order =
  /** Connect all of these, and keep those that are let in. */
  | { readonly kind: 'connect'; readonly accesses: readonly DeviceAccess[] }
  /** Every device that is connected sends a check that needs no answer. */
  | { readonly kind: 'check' }
  /** The first so many that are connected leave, and when all have left, come back: as new, or with the TLS session they had. */
  | { readonly kind: 'reconnect'; readonly devices: number; readonly resumes: boolean }
  /** All leave. */
  | { readonly kind: 'end' };

/** Somebody who was not let in. */
export interface Refused {
  /** What it saw, as its client says it. */
  readonly saw: string;
  readonly afterMs: number;
}

/** What came of an order. */
export interface Outcome {
  /** When each device was connected and subscribed, milliseconds since 1970. */
  readonly connectedAtMs: readonly number[];
  readonly refused: readonly Refused[];
  /** Handshakes that went on with a session from before. */
  readonly resumed: number;
  /** From each check to its acknowledgement. */
  readonly acknowledgedMs: readonly number[];
  /** Devices that are connected now. */
  readonly held: number;
}
