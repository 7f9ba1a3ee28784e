import type { ProductView, ReleaseView } from '#shared/contracts/api/firmware.ts';
import type { SignedRelease } from '../actions/signed-releases.ts';
import { facts, table } from './table.ts';
import { bytes, moment } from './units.ts';

/** A release and its artifacts; with the keys of its product, also who has signed it. */
export function releaseText(view: ReleaseView, keys: ProductView['keys'] = []): string {
  const { release, sequence, keyId, state, reason, createdAtMs, publishedAtMs, artifacts } = view;
  const head = facts([
    ['release', release],
    ['state', reason === undefined ? state : `${state}: ${reason}`],
    ['sequence', String(sequence)],
    ['signed by', signerText(keyId, keys)],
    ['created', moment(createdAtMs)],
    ['published', publishedAtMs === undefined ? undefined : moment(publishedAtMs)],
  ]);
  const rows = artifacts.map((one) => [one.hardware, one.state, bytes(one.sizeBytes), one.sha256]);
  const columns = [
    { title: 'HARDWARE' },
    { title: 'STATE' },
    { title: 'SIZE', align: 'right' },
    { title: 'SHA256' },
  ] as const;
  return `${head}\n${table(columns, rows)}`;
}

/** The key by its name, and whether the product still trusts it; nothing where the keys of the product are not known. */
function signerText(keyId: string | undefined, keys: ProductView['keys']): string | undefined {
  const key = keys.find((one) => one.keyId === keyId);
  if (key === undefined) return keys.length === 0 ? undefined : keyId;
  return key.withdrawn === undefined ? key.name : `${key.name} (withdrawn)`;
}

/** Releases of a product with these keys, one a line. */
export function releasesText(releases: readonly ReleaseView[], keys: ProductView['keys']): string {
  return table(
    [
      { title: 'RELEASE' },
      { title: 'SEQUENCE', align: 'right' },
      { title: 'STATE' },
      { title: 'CREATED' },
      { title: 'KEY' },
      { title: 'REASON' },
    ],
    releases.map(({ release, sequence, state, createdAtMs, keyId, reason }) => [
      release,
      String(sequence),
      state,
      moment(createdAtMs),
      signerText(keyId, keys) ?? '',
      reason ?? '',
    ]),
  );
}

/** What a withdrawn key has signed and may still reach devices. */
export function signedText(key: string, signed: readonly SignedRelease[]): string {
  if (signed.length === 0) return `nothing that ${key} has signed can reach a device\n`;
  const columns = ['SIGNED BY IT', 'STATE', 'ROLLOUTS'].map((title) => ({ title }));
  const rows = signed.map(({ release, state, rollouts }) => [
    release,
    state,
    rollouts.map((one) => `${one.rollout} (${one.state})`).join(', '),
  ]);
  return table(columns, rows);
}

/** Products, one a line. */
export function productsText(products: readonly ProductView[]): string {
  return table(
    [
      { title: 'PRODUCT' },
      { title: 'HARDWARE' },
      { title: 'KEYS', align: 'right' },
      { title: 'LAST SEQUENCE', align: 'right' },
      { title: 'CREATED' },
    ],
    products.map(({ product, hardware, keys, lastSequence, createdAtMs }) => [
      product,
      hardware.join(', '),
      String(keys.filter(({ withdrawn }) => withdrawn === undefined).length),
      String(lastSequence),
      moment(createdAtMs),
    ]),
  );
}

/** A product and its signing keys. */
export function productText({ product, hardware, keys, lastSequence, createdAtMs }: ProductView): string {
  const head = facts([
    ['product', product],
    ['hardware', hardware.join(', ')],
    ['last sequence', String(lastSequence)],
    ['created', moment(createdAtMs)],
  ]);
  if (keys.length === 0)
    return `${head}\nno signing key yet: evenkeel key create --product ${product} --name main\n`;
  const rows = keys.map(({ name, keyId, addedAtMs, withdrawn }) => [
    name,
    moment(addedAtMs),
    withdrawn === undefined ? 'trusted' : `withdrawn ${moment(withdrawn.atMs)}: ${withdrawn.reason}`,
    keyId,
  ]);
  const columns = [{ title: 'KEY' }, { title: 'ADDED' }, { title: 'STATE' }, { title: 'ID' }];
  return `${head}\n${table(columns, rows)}`;
}
