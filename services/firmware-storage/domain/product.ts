import { MAX_HARDWARE } from '#shared/contracts/api/firmware.ts';
import type { Manifest } from '#shared/contracts/manifest.ts';
import { NotFoundError, RefusedError, WrongStateError } from '#shared/errors/errors.ts';
import { highestSequence } from './sequences.ts';

/** A public key that signs releases of a product; its private half never leaves the manufacturer. */
export type SigningKey = {
  /** Lower-case hex sha256 of the SPKI DER. */
  readonly keyId: string;
  readonly name: string;
  readonly publicKeyPem: string;
  /** Milliseconds since 1970. */
  readonly addedAtMs: number;
  /** Since when (milliseconds since 1970) it signs nothing any more, and why; absent while the product trusts it. */
  readonly withdrawn?: { readonly atMs: number; readonly reason: string };
};

/** A line of devices that share firmware. */
export interface Product {
  readonly tenant: string;
  readonly product: string;
  /** The hardware ids that a release may have builds for. */
  readonly hardware: readonly string[];
  readonly keys: readonly SigningKey[];
  /** The highest sequence that a release of this product was created with; 0 before the first. */
  readonly lastSequence: number;
  /** Milliseconds since 1970. */
  readonly createdAtMs: number;
}

/** A few live keys and those of years past; each is a row of the product, which is read with every new release. */
const MAX_KEYS = 32;

/**
 * The product with these hardware ids too; `undefined` when it has them all. Throws `WrongStateError` when they would be more than a product
 * has at most.
 */
export function withHardware(product: Product, added: readonly string[]): Product | undefined {
  const fresh = added.filter((hardware) => !product.hardware.includes(hardware));
  if (fresh.length === 0) return undefined;
  const hardware = [...product.hardware, ...fresh];
  if (hardware.length > MAX_HARDWARE) {
    throw new WrongStateError('hardware', `must leave the product with at most ${MAX_HARDWARE} hardware ids`);
  }
  return { ...product, hardware };
}

/** The product with one more key. Throws `WrongStateError` for a key or name that it has, and when it has too many. */
export function withSigningKey(product: Product, key: SigningKey): Product {
  if (product.keys.some(({ keyId }) => keyId === key.keyId)) {
    throw new WrongStateError('publicKey', 'must be a key that the product does not have yet');
  }
  if (product.keys.some(({ name }) => name === key.name)) {
    throw new WrongStateError('name', 'must be a name that no other key of the product has');
  }
  if (product.keys.length >= MAX_KEYS) {
    throw new WrongStateError('publicKey', `must be one of at most ${MAX_KEYS} keys of the product`);
  }
  return { ...product, keys: [...product.keys, key] };
}

/**
 * The product without trust in that key, which stays known by id and name; `undefined` when it has been withdrawn before. Throws
 * `NotFoundError` for a key that the product does not have, `WrongStateError` for the only one that it trusts, unless it may be left
 * without any.
 */
export function withdrawingKey(
  product: Product,
  keyId: string,
  withdrawn: NonNullable<SigningKey['withdrawn']>,
  { leaveNone }: { readonly leaveNone: boolean },
): Product | undefined {
  const key = product.keys.find((one) => one.keyId === keyId);
  if (key === undefined) throw new NotFoundError('keyId', 'must be a key of the product');
  if (key.withdrawn !== undefined) return undefined;
  if (!leaveNone && trustedKeys(product).length === 1) {
    throw new WrongStateError(
      'leaveNone',
      'must be true for the only key that the product trusts: devices take nothing that another one has signed. Else add a key, and publish ' +
        'a release signed with this one that brings it to devices, first',
    );
  }
  return { ...product, keys: product.keys.map((one) => (one === key ? { ...key, withdrawn } : one)) };
}

/** The keys whose signature the product takes, as PEM. */
export const trustedKeys = (product: Product): string[] =>
  product.keys.filter(({ withdrawn }) => withdrawn === undefined).map(({ publicKeyPem }) => publicKeyPem);

/** Throws `WrongStateError` unless the product still trusts that key: what it has signed may be somebody else's. */
export function refuseDistrusted(product: Product, keyId: string): void {
  const key = product.keys.find((one) => one.keyId === keyId);
  if (key !== undefined && key.withdrawn === undefined) return;
  throw new WrongStateError(
    'signature.keyId',
    'must be a key that the product trusts: it has been withdrawn',
  );
}

/**
 * Throws unless a release may be made now, at `atMs`, of this manifest: hardware that the product has, and a sequence above its last, so
 * that a device's anti-rollback floor has one order to follow, and not so far above that no other may follow it.
 */
export function refuseManifest(product: Product, manifest: Manifest, atMs: number): void {
  const stranger = manifest.artifacts.findIndex(({ hardware }) => !product.hardware.includes(hardware));
  if (stranger >= 0) {
    throw new RefusedError(`artifacts.${stranger}.hardware`, 'must be a hardware id of the product');
  }
  if (manifest.sequence <= product.lastSequence) {
    throw new WrongStateError('sequence', `must be above ${product.lastSequence}, the last of the product`);
  }
  const highest = highestSequence(product.lastSequence, atMs);
  if (manifest.sequence > highest) {
    throw new WrongStateError(
      'sequence',
      `must be at most ${highest} today, because no later release can be below it and none above 2147483647; the next one is ${product.lastSequence + 1}`,
    );
  }
}
