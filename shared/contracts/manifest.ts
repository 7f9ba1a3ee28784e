import * as z from 'zod';
import { Hardware, ProductName, Sha256, VersionText } from './names.ts';
import { isReleaseVersion } from './version.ts';

/** The limit keeps the largest manifest, spelt on many lines, below the bytes that fit an offer of 5 KB. */
const MAX_ARTIFACTS = 8;

/** The bytes for one hardware. */
const ManifestArtifact = z.strictObject({
  hardware: Hardware,
  sha256: Sha256,
  /** At most 2 GiB. */
  sizeBytes: z.number().int().min(1).max(2_147_483_648),
});

/**
 * What the manufacturer signs: JSON text in UTF-8, Ed25519 (RFC 8032) over its very bytes. Devices verify it themselves.
 * Unknown keys are refused: nobody should sign what nobody reads.
 */
export const Manifest = z.strictObject({
  v: z.literal(1),
  product: ProductName,
  version: VersionText.refine(isReleaseVersion, 'must be a SemVer 2.0.0 version such as 2.1.0'),
  /** Rises with every release of the product; a device never takes one at or below its floor. */
  sequence: z.number().int().min(1).max(2_147_483_647),
  artifacts: z
    .array(ManifestArtifact)
    .min(1)
    .max(MAX_ARTIFACTS)
    .refine(
      (all) => new Set(all.map((one) => one.hardware)).size === all.length,
      'must name each hardware once',
    ),
  /** From which versions it may be installed. */
  from: z
    .strictObject({
      /** The lowest version, inclusive. */
      min: VersionText.refine(isReleaseVersion, 'must be a SemVer 2.0.0 version').optional(),
    })
    .optional(),
});
export type Manifest = z.infer<typeof Manifest>;
