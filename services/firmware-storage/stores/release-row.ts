import * as z from 'zod';
import type { Item } from '#shared/capabilities/table.ts';
import type { Release } from '../domain/release.ts';
import { releaseKey } from './keys.ts';

/** A release as it lies in the table; fields that newer versions add are not ours to read, nor to take away: it is written whole. */
const ReleaseRow = z.looseObject({
  tenant: z.string(),
  product: z.string(),
  version: z.string(),
  sequence: z.number(),
  state: z.enum(['draft', 'verified', 'rejected', 'published', 'revoking', 'revoked']),
  reason: z.string().exactOptional(),
  manifest: z.string(),
  signature: z.object({ keyId: z.string(), value: z.string() }),
  fromMin: z.string().exactOptional(),
  artifacts: z.array(
    z.looseObject({
      hardware: z.string(),
      sha256: z.string(),
      sizeBytes: z.number(),
      state: z.enum(['awaiting-upload', 'verifying', 'verified', 'rejected']),
      uploadId: z.string().exactOptional(),
    }),
  ),
  createdAtMs: z.number(),
  publishedAtMs: z.number().exactOptional(),
  revision: z.number(),
});

/** The row of a release. */
export const toRow = (release: Release): Item => ({ ...releaseKey(release), ...release });

/** The release of a row; throws when the row is not one. */
export function fromRow({ pk: _pk, sk: _sk, ...row }: Item): Release {
  return ReleaseRow.parse(row);
}
