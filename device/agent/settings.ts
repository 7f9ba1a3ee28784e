/** How long a device waits for what. All of it may be scaled down together for a demonstration. */
export interface AgentTiming {
  /** The device checks once within every such time, at a random moment (full jitter). */
  readonly checkIntervalMs: number;
  /** The first of the waits that double: one minute in the protocol. */
  readonly backoffUnitMs: number;
  /** An answer to a permit request that comes later is void: 60 s in the protocol. */
  readonly permitAnswerMs: number;
  /** How long the reboot waits for "rebooting" to be acknowledged; it is resent after the boot in any case. */
  readonly rebootAckMs: number;
  /** A trial image whose self-test takes longer does not work: the device goes back to the one before. */
  readonly selfTestMs: number;
  /** What one second of a `retryAfter` that the backend sends lasts. */
  readonly retryAfterSecondMs: number;
  /** No `retryAfter` brings a device back sooner. */
  readonly leastRetryMs: number;
}

/** The times of the device protocol, for a device that checks once a day. */
export const PROTOCOL_TIMING: AgentTiming = {
  checkIntervalMs: 86_400_000,
  backoffUnitMs: 60_000,
  permitAnswerMs: 60_000,
  rebootAckMs: 10_000,
  selfTestMs: 600_000,
  retryAfterSecondMs: 1_000,
  leastRetryMs: 1_000,
};

/** What is burnt into a device, and how it behaves in time. */
export interface AgentSettings {
  readonly product: string;
  readonly hardware: string;
  /** The product's signing keys (SPKI in PEM): nothing is installed that none of them signed. */
  readonly trustedKeysPem: readonly string[];
  /** Seconds within which the device promises to be heard again, for devices that sleep long. */
  readonly backWithinSeconds?: number;
  /**
   * Seconds within which the device has downloaded and begins to install: it then takes an install that is granted to its check at once,
   * and leaves for its next boot without a word. Absent: it downloads first, asks then, and reports "rebooting".
   */
  readonly withinSeconds?: number;
  readonly timing: AgentTiming;
}
