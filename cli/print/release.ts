import type { ProductView, ReleaseView } from '#shared/contracts/api/firmware.ts';
import { facts, table } from './table.ts';
import { bytes, moment } from './units.ts';

/** A release and its artifacts. */
export function releaseText(view: ReleaseView): string {
  const { release, sequence, state, reason, createdAtMs, publishedAtMs, artifacts } = view;
  const head = facts([
    ['release', release],
    ['state', reason === undefined ? state : `${state}: ${reason}`],
    ['sequence', String(sequence)],
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

/** Releases, one a line. */
export function releasesText(releases: readonly ReleaseView[]): string {
  return table(
    [
      { title: 'RELEASE' },
      { title: 'SEQUENCE', align: 'right' },
      { title: 'STATE' },
      { title: 'CREATED' },
      { title: 'REASON' },
    ],
    releases.map(({ release, sequence, state, createdAtMs, reason }) => [
      release,
      String(sequence),
      state,
      moment(createdAtMs),
      reason ?? '',
    ]),
  );
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
