import type * as z from 'zod';
import { EpochMs } from '../names.ts';
import { defineEvent } from './event.ts';

/**
 * Devices could not be heard for a while (the host, its broker or the ingest path was down): their silence in that time
 * says nothing. The home tells it before any other trigger runs again. `tenant` is `evenkeel`: it concerns all.
 *
 * `restoredFromMs`: what the home keeps is a backup that was taken then. What happened since is not known, neither to whom nor how it ended.
 */
export const HearingInterrupted = defineEvent(
  'evenkeel.home',
  'HearingInterrupted',
  { fromMs: EpochMs, untilMs: EpochMs, restoredFromMs: EpochMs.optional() },
  [
    {
      id: '01JD4Z6Q7R8S9T0V1W2X3Y4Z5E',
      v: 1,
      tenant: 'evenkeel',
      atMs: 1_780_000_060_000,
      fromMs: 1_780_000_000_000,
      untilMs: 1_780_000_060_000,
    },
    {
      id: '01JD4Z6Q7R8S9T0V1W2X3Y4Z5F',
      v: 1,
      tenant: 'evenkeel',
      atMs: 1_780_000_060_000,
      fromMs: 1_779_900_000_000,
      untilMs: 1_780_000_060_000,
      restoredFromMs: 1_779_900_000_000,
    },
  ],
);
export type HearingInterrupted = z.infer<typeof HearingInterrupted.detail>;
