import type * as z from 'zod';
import { type FleetDevice, ListFleet, type VersionCount } from '#shared/contracts/api/fleet.ts';
import type { ApiClient } from '../api-client.ts';
import { allPages } from './all-pages.ts';

/** By what devices in service are chosen; a part that is absent chooses all. */
export interface FleetFilter {
  /** A selector, as in the document of a rollout. */
  readonly where?: string;
  /** What they run, as they say it. */
  readonly version?: string;
  readonly product?: string;
  readonly hardware?: string;
  /** All of these. */
  readonly tag?: readonly string[];
  /** Only those that could not download what they are offered. */
  readonly inTrouble?: boolean;
}

type Unreadable = z.infer<typeof ListFleet.answer>['unreadable'];

/** What was seen of a fleet beside what was asked for. */
interface Seen {
  /** Devices of which nobody knows whether they fit. */
  readonly unreadable: Unreadable;
  /** How many devices the backend looked at. */
  readonly looked: number;
}

/** Devices in service that fit. */
export interface FleetDevices extends Seen {
  readonly devices: readonly FleetDevice[];
}

/** How many devices in service run what. */
export interface FleetVersions extends Seen {
  readonly versions: readonly VersionCount[];
}

/** Is told how many devices were looked at so far: the backend looks at about a thousand a call. */
export type OnLooked = (looked: number) => void;

/** Devices in service that fit, with what they run, in an order that stays; at most `limit`, with those that cannot be read. */
export async function listFleet(
  client: ApiClient,
  limit: number,
  filter: FleetFilter,
  onLooked: OnLooked = () => undefined,
): Promise<FleetDevices> {
  const chosen = queryOf(filter);
  let looked = 0;
  const found = await allPages(limit, async (page) => {
    const answer = await client.call(ListFleet, { query: { ...page, ...chosen } });
    looked += answer.looked;
    onLooked(looked);
    return { items: [...answer.devices, ...answer.unreadable], cursor: answer.cursor };
  });
  return {
    devices: found.flatMap((one) => ('what' in one ? [] : [one])),
    unreadable: found.flatMap((one) => ('what' in one ? [one] : [])),
    looked,
  };
}

/** How many devices in service that fit run what, by product and hardware, most devices first: by a look at every device of the tenant. */
export async function countVersions(
  client: ApiClient,
  filter: FleetFilter,
  onLooked: OnLooked = () => undefined,
): Promise<FleetVersions> {
  const chosen = queryOf(filter);
  const sums = new Map<string, VersionCount>();
  let looked = 0;
  const unreadable = await allPages(Number.POSITIVE_INFINITY, async ({ cursor }) => {
    const query = { limit: 0, ...(cursor !== undefined && { cursor }), ...chosen };
    const answer = await client.call(ListFleet, { query });
    for (const count of answer.versions) add(sums, count);
    looked += answer.looked;
    onLooked(looked);
    return { items: answer.unreadable, cursor: answer.cursor };
  });
  return { versions: [...sums.values()].toSorted(inOrder), unreadable, looked };
}

function add(sums: Map<string, VersionCount>, count: VersionCount): void {
  const { product, hardware, version = '', devices } = count;
  const name = `${product} ${hardware} ${version}`;
  sums.set(name, { ...count, devices: devices + (sums.get(name)?.devices ?? 0) });
}

function inOrder(one: VersionCount, other: VersionCount): number {
  const [place, otherPlace] = [one, other].map(({ product, hardware }) => `${product} ${hardware}`);
  if (place !== otherPlace) return (place ?? '') < (otherPlace ?? '') ? -1 : 1;
  return other.devices - one.devices;
}

function queryOf({ inTrouble, ...filter }: FleetFilter) {
  const where = selectorOf(filter);
  return { ...(where !== undefined && { where }), ...(inTrouble && { inTrouble: 'true' as const }) };
}

/** All parts of a filter as one selector; a selector that stands alone goes as it is, so that refusals name its positions. */
function selectorOf({ where, version, product, hardware, tag = [] }: FleetFilter): string | undefined {
  const fields = Object.entries({ version, product, hardware }).flatMap(([field, value]) =>
    value === undefined ? [] : [`${field} = ${quoted(value)}`],
  );
  const parts = [...fields, ...tag.map((one) => `tag(${quoted(one)})`)];
  if (where === undefined) return parts.length === 0 ? undefined : parts.join(' and ');
  return parts.length === 0 ? where : [`(${where})`, ...parts].join(' and ');
}

const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;
