import type { Item } from '#shared/capabilities/table.ts';
import type { Known } from './known.ts';
import type { KnownRollout } from './known-facts.ts';

/** What a list must show, one line for each of its entries, in no order. */
export type Lines = readonly string[];

/** The devices of a tenant that are in quarantine. */
export const quarantinedIn = (known: Known, tenant: string): Lines =>
  devicesOf(known, tenant).flatMap(({ deviceId, item }) => (item.quarantined === true ? [deviceId] : []));

/** The devices of a tenant that are in service, and what each is known to be. */
export const fleetIn = (known: Known, tenant: string): Lines =>
  devicesOf(known, tenant).flatMap(({ deviceId, item }) => {
    if (item.entityVersion === undefined || item.decommissioned === true) return [];
    const { version } = (item.running ?? {}) as { readonly version?: string };
    const { hardware, tags, quarantined = false } = item;
    return [fleetLine({ deviceId, hardware, tags, version, quarantined })];
  });

/** How a device in service is told. */
export const fleetLine = (device: Readonly<Record<string, unknown>>): string => {
  const { deviceId, hardware, tags, version = 'unknown', quarantined } = device;
  return `${String(deviceId)} ${String(hardware)} [${String(tags)}] ${String(version)}${quarantined === true ? ' quarantined' : ''}`;
};

/** The rollouts of a tenant, and the state of each. */
export const rolloutsIn = (known: Known, tenant: string): Lines =>
  [...known.items].flatMap(([key, { tenant: of }]) => {
    const [, id] = /^R#(\S+) rollout$/.exec(key) ?? [];
    if (id === undefined || of !== tenant) return [];
    return [rolloutLine({ rollout: id, state: known.items.get(`R#${id} gate`)?.state ?? 'draft' })];
  });

/** How a rollout is told. */
export const rolloutLine = ({ rollout, state }: Readonly<Record<string, unknown>>): string =>
  `${String(rollout)} ${String(state)}`;

/** How many attempts of a rollout have ended in which way, or came back. */
export function countsIn(known: Known, rollout: KnownRollout): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { row } of known.of(rollout)) {
    const kinds = [row.excused === 1 ? 'excused' : endOf(row), row.recovered === 1 ? 'recovered' : undefined];
    for (const kind of kinds) if (kind !== undefined) counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

/** How counts are told: those that are not 0, without what is open, which counters alone cannot tell apart. */
export const countLines = ({
  granted: _granted,
  installing: _installing,
  ...ends
}: Readonly<Record<string, number>>): Lines =>
  Object.entries(ends).flatMap(([kind, count]) => (count > 0 ? [`${kind} ${count}`] : []));

/** The devices that took part in a rollout of a tenant, each with the last attempt it made there; only those that ended so, where that is said. */
export function attemptsIn(known: Known, tenant: string, rollout: string, end?: string): Lines {
  const lastOf = new Map<string, Item>();
  for (const [key, row] of known.items) {
    const [, deviceId] = new RegExp(`^U#${rollout}#\\S+ (\\S+)$`).exec(key) ?? [];
    if (deviceId !== undefined) lastOf.set(deviceId, row);
  }
  for (const { deviceId, item } of devicesOf(known, tenant)) {
    const held = (item.open ?? item.proven) as Item | undefined;
    if (held?.rollout === rollout) lastOf.set(deviceId, held);
  }
  return [...lastOf].flatMap(([deviceId, row]) =>
    end === undefined || endOf(row) === end
      ? [attemptLine({ ...row, deviceId, excused: row.excused === 1, recovered: row.recovered === 1 })]
      : [],
  );
}

/** How an attempt is told. */
export const attemptLine = (attempt: Readonly<Record<string, unknown>>): string => {
  const { deviceId, id, state, excused, recovered } = attempt;
  return `${String(deviceId)} ${String(id)} ${String(state)}${excused === true ? ' excused' : ''}${recovered === true ? ' recovered' : ''}`;
};

function endOf(row: Item): string | undefined {
  if (row.endedMs === undefined) return undefined;
  if (row.excused === 1) return 'excused';
  return row.transient === 1 ? 'transient' : String(row.state);
}

function devicesOf(known: Known, tenant: string): { readonly deviceId: string; readonly item: Item }[] {
  return [...known.items].flatMap(([key, item]) => {
    const [pk = '', deviceId = ''] = key.split(' ');
    return pk.startsWith(`D#${tenant}#`) ? [{ deviceId, item }] : [];
  });
}
