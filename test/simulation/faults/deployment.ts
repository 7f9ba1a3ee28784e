import type { Bindable } from '#host/runtime/function-pool.ts';
import type { Chance } from './chance.ts';
import type { Fault } from './fault.ts';

const MINUTE_MS = 60_000;
/** From its first function to its last, a deployment takes so long at most. */
const LONGEST_MS = 3 * MINUTE_MS;
/** While a function moves over, for so long at most, either version serves. */
const LONGEST_MOVE_MS = 30_000;

/** What a deployment does: where functions are before it, and after, and whether they go back to where they were. */
const COURSES = [
  { before: 'other', after: 'this', isTakenBack: false },
  { before: 'this', after: 'other', isTakenBack: true },
  { before: 'this', after: 'other', isTakenBack: false },
] as const;

/** One deployment, on its way from one version to the other. */
class Deployment {
  readonly #chance: Chance;
  readonly #course: (typeof COURSES)[number];
  readonly #startsAfterMs: number;
  readonly #takenBackAfterMs: number;
  #begunMs: number | undefined;

  constructor(chance: Chance) {
    this.#chance = chance;
    this.#course = chance.stream.pick(COURSES);
    this.#startsAfterMs = chance.upTo(5 * MINUTE_MS);
    this.#takenBackAfterMs = this.#startsAfterMs + MINUTE_MS / 2 + chance.upTo(3 * MINUTE_MS);
  }

  /** Time begins to run for it. */
  begin(): void {
    this.#begunMs = this.#chance.world.now();
  }

  /** Whether the other version serves the next invocation of a function that moves so. */
  isServedByOther([there, back]: Moves): boolean {
    const { before, after, isTakenBack } = this.#course;
    const last = isTakenBack ? before : after;
    if (this.#begunMs === undefined) return before === 'other';
    // In a kind world it is over.
    if (!this.#chance.isArmed) return last === 'other';
    const sinceMs = this.#chance.world.now() - this.#begunMs;
    const isBack = isTakenBack && sinceMs >= this.#takenBackAfterMs + back.atMs;
    const move = isBack ? back : there;
    const [from, to] = isBack ? [after, before] : [before, after];
    const movedMs = sinceMs - (isBack ? this.#takenBackAfterMs : this.#startsAfterMs) - move.atMs;
    if (movedMs < 0) return from === 'other';
    const isMoving = movedMs < move.takesMs;
    return (isMoving && this.#chance.stream.happens(0.5) ? from : to) === 'other';
  }

  /** When a function moves over, and back: each in its own time. */
  movesOfOne(): Moves {
    const move = () => ({ atMs: this.#chance.upTo(LONGEST_MS), takesMs: this.#chance.upTo(LONGEST_MOVE_MS) });
    return [move(), move()];
  }
}

interface Move {
  /** After the first function of all. */
  readonly atMs: number;
  readonly takesMs: number;
}
type Moves = readonly [there: Move, back: Move];

const deployments = new WeakMap<Chance, Deployment>();

function deploymentOf(chance: Chance): Deployment {
  const deployment = deployments.get(chance) ?? new Deployment(chance);
  deployments.set(chance, deployment);
  return deployment;
}

/** Both versions of a function, of which one serves each invocation. */
function beside(own: Bindable, other: Bindable, chance: Chance, name: string): Bindable {
  const deployment = deploymentOf(chance);
  const moves = deployment.movesOfOne();
  let wasOther = false;
  return {
    on: async (home) => {
      const mine = await own.on(home);
      const theirs = await other.on(home);
      return (event, context) => {
        const isOther = deployment.isServedByOther(moves);
        if (isOther !== wasOther)
          chance.fired(`${name} is served by ${isOther ? 'the other' : 'this'} version`);
        wasOther = isOther;
        return (isOther ? theirs : mine)(event, context);
      };
    },
  };
}

export const versionsSideBySide: Fault = {
  name: 'deployment',
  what: 'two versions of the functions serve side by side, while one after the other moves over, and sometimes back',
  most: 1,
  handler: (own, other, chance, name) => (other === undefined ? undefined : beside(own, other, chance, name)),
  begin: (_stage, chance) => deploymentOf(chance).begin(),
};
