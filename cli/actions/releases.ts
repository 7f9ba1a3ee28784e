import {
  AddHardware,
  CreateProduct,
  GetProduct,
  GetRelease,
  ListProducts,
  ListReleases,
  type ProductView,
  PublishRelease,
  type ReleaseView,
  RevokeRelease,
} from '#shared/contracts/api/firmware.ts';
import { pause } from '#shared/world/world.ts';
import type { ApiClient } from '../api-client.ts';
import { FailedError, UsageError } from '../errors.ts';
import { allPages } from './all-pages.ts';

/** A release by its two names. */
export interface ReleaseId {
  readonly product: string;
  readonly version: string;
}

const REVOKE_TIMEOUT_MS = 120_000;
const LOOK_AGAIN_MS = 250;

/**
 * `cam/2.1.0` as its two parts. White space, which versions of old builds may have, is written as lists show it (`%0D`). Throws `UsageError`
 * for anything else.
 */
export function parseReleaseName(name: string): ReleaseId {
  const [product = '', version = '', ...rest] = name.split('/');
  if (product === '' || version === '' || rest.length > 0) {
    throw new UsageError(`"${name}" must be PRODUCT/VERSION, such as cam/2.1.0`);
  }
  return { product, version: version.replaceAll(/(%[0-9A-F]{2})+/gi, unescaped) };
}

function unescaped(escaped: string): string {
  try {
    return decodeURIComponent(escaped);
  } catch {
    throw new UsageError(`"${escaped}" in the name of a release must be percent-encoded UTF-8`);
  }
}

/** Makes a product with its hardware ids. */
export function createProduct(
  client: ApiClient,
  body: { readonly product: string; readonly hardware: readonly string[] },
): Promise<ProductView> {
  return client.call(CreateProduct, { body: { product: body.product, hardware: [...body.hardware] } });
}

/** Adds hardware ids to a product; those that it has already change nothing. */
export function addHardware(
  client: ApiClient,
  { product, hardware }: { readonly product: string; readonly hardware: readonly string[] },
): Promise<ProductView> {
  return client.call(AddHardware, { params: { product }, body: { hardware: [...hardware] } });
}

/** Products in order of name, at most `limit`. */
export function listProducts(client: ApiClient, limit: number): Promise<ProductView[]> {
  return allPages(limit, async (page) => {
    const { products, cursor } = await client.call(ListProducts, { query: page });
    return { items: products, cursor };
  });
}

/** One product with its keys. */
export function showProduct(client: ApiClient, product: string): Promise<ProductView> {
  return client.call(GetProduct, { params: { product } });
}

/** One release. */
export function showRelease(client: ApiClient, { product, version }: ReleaseId): Promise<ReleaseView> {
  return client.call(GetRelease, { params: { product, version } });
}

/** The releases of a product, newest first, at most `limit`. */
export function listReleases(client: ApiClient, product: string, limit: number): Promise<ReleaseView[]> {
  return allPages(limit, async (page) => {
    const { releases, cursor } = await client.call(ListReleases, { params: { product }, query: page });
    return { items: releases, cursor };
  });
}

/** Allows a verified release to be rolled out. */
export function publishRelease(client: ApiClient, { product, version }: ReleaseId): Promise<ReleaseView> {
  return client.call(PublishRelease, { params: { product, version } }, { idempotent: true });
}

/** Withdraws a release and waits until no offer or permit can follow. Throws `FailedError` when that takes too long. */
export async function revokeRelease(
  client: ApiClient,
  { product, version }: ReleaseId,
  reason: string,
): Promise<ReleaseView> {
  const params = { product, version };
  const untilMs = client.world.monotonicMs() + REVOKE_TIMEOUT_MS;
  let release = await client.call(RevokeRelease, { params, body: { reason } }, { idempotent: true });
  while (release.state !== 'revoked') {
    if (client.world.monotonicMs() >= untilMs) {
      throw new FailedError(
        `${release.release} is being revoked, but the orchestrator did not acknowledge it in ${REVOKE_TIMEOUT_MS / 1000} s`,
        'Until it does, permits may still be granted. Revoke again, and look at the log of the backend.',
      );
    }
    await pause(client.world, LOOK_AGAIN_MS);
    release = await client.call(GetRelease, { params });
  }
  return release;
}
