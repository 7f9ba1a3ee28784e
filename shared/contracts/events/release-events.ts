import * as z from 'zod';
import { Hardware, ProductName, Sha256, VersionText } from '../names.ts';
import { defineEvent } from './event.ts';

const which = {
  product: ProductName,
  version: VersionText,
  sequence: z.number().int().min(1),
};

const example = {
  id: '01JD4Z6Q7R8S9T0V1W2X3Y4Z5B',
  v: 1 as const,
  tenant: 'acme',
  atMs: 1_780_000_000_000,
  product: 'cam',
  version: '2.1.0',
  sequence: 7,
};

/** A person has published a verified release: from now on it may be rolled out. Carries all that an offer needs. */
export const ReleasePublished = defineEvent(
  'evenkeel.firmware-storage',
  'ReleasePublished',
  {
    ...which,
    /** The signed bytes, base64. */
    manifest: z.string(),
    signature: z.object({ keyId: Sha256, value: z.string() }),
    artifacts: z
      .array(
        z.object({
          hardware: Hardware,
          sha256: Sha256,
          sizeBytes: z.number().int().min(1),
          /** Key in the firmware bucket. */
          key: z.string(),
        }),
      )
      .min(1),
    /** Lowest version it may be installed from. */
    fromMin: VersionText.optional(),
  },
  [
    {
      ...example,
      manifest: 'eyJ2IjoxfQ==',
      signature: { keyId: 'a'.repeat(64), value: 'c2lnbmF0dXJl' },
      artifacts: [
        {
          hardware: 'cam-rev-b',
          sha256: 'b'.repeat(64),
          sizeBytes: 20_971_520,
          key: `artifacts/${'b'.repeat(64)}`,
        },
      ],
      fromMin: '2.0.0',
    },
  ],
);
export type ReleasePublished = z.infer<typeof ReleasePublished.detail>;

/** A release is being withdrawn: no offer, permit or URL for it may follow. */
export const ReleaseRevoked = defineEvent(
  'evenkeel.firmware-storage',
  'ReleaseRevoked',
  { ...which, reason: z.string().max(500) },
  [{ ...example, reason: 'bootloader erases calibration' }],
);
export type ReleaseRevoked = z.infer<typeof ReleaseRevoked.detail>;

/** The orchestrator's acknowledgement: from its commit on, nothing of this release is offered or permitted. */
export const ReleaseWithdrawn = defineEvent('evenkeel.rollout-orchestrator', 'ReleaseWithdrawn', which, [
  example,
]);
export type ReleaseWithdrawn = z.infer<typeof ReleaseWithdrawn.detail>;
