import * as z from 'zod';
import { Hardware, ProductName, Tenant, VersionText } from '#shared/contracts/names.ts';
import { isReleaseVersion } from '#shared/contracts/version.ts';

const UploadTarget = z.object({
  tenant: Tenant,
  product: ProductName,
  version: VersionText.refine(isReleaseVersion),
  hardware: Hardware,
});
/** Which artifact of which release an upload is for. */
export type UploadTarget = z.infer<typeof UploadTarget>;

/** Where the bytes of an artifact arrive. Object keys have no `+` and SemVer has no `_`, so the one stands for the other. */
export function uploadKey({ tenant, product, version, hardware }: UploadTarget): string {
  return `uploads/${tenant}/${product}/${version.replaceAll('+', '_')}/${hardware}`;
}

/** What an object under `uploads/` is for; `undefined` when its key is none that `uploadKey` makes. */
export function readUploadKey(key: string): UploadTarget | undefined {
  const [, tenant, product, spelling, hardware] = key.split('/');
  const version = spelling?.replaceAll('_', '+');
  const target = UploadTarget.safeParse({ tenant, product, version, hardware }).data;
  return target !== undefined && uploadKey(target) === key ? target : undefined;
}

/** Where verified bytes are kept for good: their content is their address. */
export const artifactKey = (sha256: string): string => `artifacts/${sha256}`;
