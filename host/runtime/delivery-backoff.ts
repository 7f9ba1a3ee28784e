import type { Backoff } from '#shared/retry/backoff.ts';

/** How long triggers wait after a delivery that failed, and the host after a function that could not be told. */
export const DELIVERY_BACKOFF: Backoff = { firstMs: 100, longestMs: 30_000 };
