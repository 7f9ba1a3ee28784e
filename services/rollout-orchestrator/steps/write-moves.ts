import type { Clock } from '#shared/capabilities/clock.ts';
import type { Ids } from '#shared/capabilities/ids.ts';
import { ConflictError } from '#shared/errors/errors.ts';
import { tryAgain } from '#shared/retry/try-again.ts';
import { type AttemptStore, isPlain, MOVES_PER_TRANSACTION, type Move } from '../stores/attempt-store.ts';
import type { DeviceStore } from '../stores/device-store.ts';
import { COUNTER_SHARDS } from '../stores/keys.ts';
import type { Heard, Plan } from './plan-moves.ts';

/** What writing needs. */
interface WritingNeeds {
  readonly attempts: AttemptStore;
  readonly devices: DeviceStore;
  readonly ids: Ids;
  readonly clock: Clock;
}

/**
 * Plans that are written together: moves of one rollout, and by itself whatever moves nothing, puts its device in quarantine, which
 * takes more writes, or is one of `alone`.
 */
export function partsOf<One extends Heard>(
  plans: readonly Plan<One>[],
  alone: ReadonlySet<One>,
): Plan<One>[][] {
  const isSingle = ({ move, quarantine, heard }: Plan<One>) =>
    move === undefined || quarantine !== undefined || alone.has(heard);
  const parts: Plan<One>[][] = [];
  for (const group of Map.groupBy(plans, ({ heard }) => heard.rollout).values()) {
    parts.push(...group.filter(isSingle).map((plan) => [plan]));
    const together = group.filter((plan) => !isSingle(plan));
    for (let at = 0; at < together.length; at += MOVES_PER_TRANSACTION)
      parts.push(together.slice(at, at + MOVES_PER_TRANSACTION));
  }
  return parts;
}

/** Writes one of the parts that `partsOf` makes, again while `hasTime`; answers the plans that somebody else was quicker with. */
export async function writePart(
  part: readonly Plan[],
  needs: WritingNeeds,
  hasTime: () => boolean,
): Promise<ReadonlySet<Plan>> {
  const overtaken = new Set<Plan>();
  for (const plan of part) {
    if (plan.move === undefined && !(await changeDevice(plan, needs, hasTime))) overtaken.add(plan);
  }
  const moves = part.flatMap(({ move }) => move ?? []);
  const overtakenMoves = new Set(await saveMoves(moves, needs, hasTime));
  for (const plan of part) {
    if (plan.move !== undefined && overtakenMoves.has(plan.move)) overtaken.add(plan);
  }
  return overtaken;
}

/** What was heard concerns the device alone, or nobody; `false` where somebody else was quicker. */
async function changeDevice(
  { device, change, quarantine }: Plan,
  needs: WritingNeeds,
  hasTime: () => boolean,
): Promise<boolean> {
  if (Object.keys(change).length === 0) return true;
  return tryAgain(needs, () => needs.devices.change(device, change, quarantine), hasTime);
}

/** Saves moves of one rollout, each for itself where that is enough; answers those that somebody else was quicker with. */
async function saveMoves(
  moves: readonly Move[],
  needs: WritingNeeds,
  hasTime: () => boolean,
): Promise<readonly Move[]> {
  const rollout = moves[0]?.record.rollout;
  if (rollout === undefined) return [];
  const shard = Math.floor(needs.ids.random() * COUNTER_SHARDS);
  const overtaken: Move[] = [];
  const plain = moves.filter(isPlain);
  if (plain.length > 0) {
    const options = { shard, token: needs.ids.next() };
    const save = () => needs.attempts.saveEach(rollout, plain, options);
    overtaken.push(...(await tryAgain(needs, save, hasTime)));
  }
  let together = moves.filter((move) => !isPlain(move));
  while (together.length > 0) {
    const now = together;
    const options = { shard, token: needs.ids.next() };
    const result = await tryAgain(needs, () => needs.attempts.save(rollout, now, options), hasTime);
    if (result.saved) break;
    const left = together.filter((move) => !result.overtaken.includes(move));
    if (left.length === together.length)
      throw new ConflictError(`a transaction of ${together.length} moves was refused without a reason`);
    overtaken.push(...result.overtaken);
    together = left;
  }
  return overtaken;
}
