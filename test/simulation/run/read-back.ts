import type { Stage } from '../faults/stage.ts';
import type { Known } from '../model/known.ts';
import {
  attemptLine,
  attemptsIn,
  countLines,
  countsIn,
  fleetIn,
  fleetLine,
  type Lines,
  quarantinedIn,
  rolloutLine,
  rolloutsIn,
} from '../model/shown.ts';
import type { Watch } from '../model/watch.ts';
import type { WorldView } from '../world/simulated-world.ts';

/** What people are shown is what there is: checked by asking. */
export const SHOWN = { number: 19, rule: 'what people are shown is what there is' } as const;

/** Nothing has changed for so long: everything that was seen has been looked at, and every answer is of one and the same state. */
const UNCHANGED_MS = 1_000;
/** A fleet that never stands still is not asked about. */
const MOST_TRIES = 60;
const ENDS = ['good', 'failed', 'silent'] as const;

/** One list, or one thing: how it is asked for, what an answer shows, and what all pages together must. */
interface Shown {
  readonly tenant: string;
  readonly path: string;
  // biome-ignore lint/suspicious/noExplicitAny: each knows what its route answers
  readonly linesOf: (answer: any) => Lines;
  readonly known: () => Lines;
}

/**
 * Reads what people are shown, one entry a page, and holds it against the rows, on one and the same state. Of the
 * lists that look at every device one of one manufacturer is read, because they are slow.
 */
export async function readBack({ operator, scenario }: Stage, watch: Watch, view: WorldView): Promise<void> {
  const tenants = [...new Set(scenario.devices.map(({ tenant }) => tenant))];
  const fast = tenants.flatMap((tenant) => listsOf(tenant, watch.known));
  for (const one of [...fast, ...slowOf(pick(tenants, view) ?? '', watch.known, view)]) {
    const differ = await compareOnceQuiet(one);
    if (differ !== undefined)
      return watch.violate(
        `invariant ${SHOWN.number} (${SHOWN.rule})`,
        `${one.tenant} ${one.path}: ${differ}`,
      );
  }

  async function compareOnceQuiet(one: Shown): Promise<string | undefined> {
    for (let left = MOST_TRIES; left > 0; left -= 1) {
      const { changes } = watch;
      await new Promise<void>((resolve) => view.after(UNCHANGED_MS, resolve));
      if (watch.changes !== changes) continue;
      const shown = await read(one);
      if (watch.changes !== changes) continue;
      watch.looked(String(SHOWN.number));
      const [is, must] = [textOf(shown), textOf(one.known())];
      return is === must ? undefined : `shows ${is}, there is ${must}`;
    }
    return undefined;
  }

  async function read({ tenant, path, linesOf }: Shown): Promise<Lines> {
    const lines: string[] = [];
    for (let cursor = ''; ; ) {
      const { status, body } = await operator.call(tenant, 'GET', `${path}${cursor}`);
      if (status !== 200) return [`status ${status}`];
      lines.push(...linesOf(body));
      if (body.unreadable?.length > 0) lines.push(`unreadable ${JSON.stringify(body.unreadable)}`);
      if (body.cursor === undefined) return lines;
      cursor = `&cursor=${encodeURIComponent(body.cursor)}`;
    }
  }
}

function listsOf(tenant: string, known: Known): Shown[] {
  return [
    {
      tenant,
      path: '/quarantine?limit=1',
      linesOf: ({ devices }) => devices.map(({ deviceId }: Entry) => String(deviceId)),
      known: () => quarantinedIn(known, tenant),
    },
    {
      tenant,
      path: '/rollouts?limit=1',
      linesOf: ({ rollouts }) => rollouts.map(rolloutLine),
      known: () => rolloutsIn(known, tenant),
    },
  ];
}

function slowOf(tenant: string, known: Known, view: WorldView): Shown[] {
  const fleet: Shown = {
    tenant,
    path: '/fleet?limit=1',
    linesOf: ({ devices }) =>
      devices.map(({ running, ...device }: Entry) => fleetLine({ ...device, ...(running as object) })),
    known: () => fleetIn(known, tenant),
  };
  const rollout = pick(
    [...known.rollouts.values()].filter((one) => one.tenant === tenant),
    view,
  );
  if (rollout === undefined || view.random() < 0.4) return [fleet];
  const { id } = rollout;
  const end = pick([...ENDS, undefined, undefined, undefined], view);
  return [
    {
      tenant,
      path: `/rollouts/${id}`,
      linesOf: ({ counts }) => countLines(counts),
      known: () => countLines(countsIn(known, rollout)),
    },
    {
      tenant,
      path: `/rollouts/${id}/devices?limit=1${end === undefined ? '' : `&end=${end}`}`,
      linesOf: ({ devices }) =>
        devices.map(({ attempt, ...device }: Entry) => attemptLine({ ...device, id: attempt })),
      known: () => attemptsIn(known, tenant, id, end),
    },
  ];
}

const pick = <T>(all: readonly T[], view: WorldView): T | undefined =>
  all[Math.floor(view.random() * all.length)];

type Entry = Readonly<Record<string, unknown>>;

const textOf = (lines: Lines): string => lines.toSorted().join('; ') || 'nothing';
