import { gateKey, progressKey } from '../../services/rollout-orchestrator/stores/keys.ts';
import type { FleetModel } from './fleet-model.ts';
import type { SocketlessHost } from './socketless-host.ts';

/** Messages that devices send in one turn of the event loop, at most. */
const PER_TURN = 500;
/**
 * As long as so many messages wait for a function, no further device sends anything: on a clock that stands still they would all come
 * at once, and the host drops what is beyond 10,000.
 */
const MOST_WAITING = 2_000;
const LOOK_EVERY_MS = 1_000;
/** Checks are answered by what was read up to two seconds before: devices are woken for the offer cursor as it was before that. */
const HEARD_LATE_MS = 3_000;
/** Parts of the fleet that are timed apart, so that one long run has a spread. */
const WINDOWS = 10;
const TELL_EVERY_MS = 5_000;

/** How a part of the fleet was served: from the proof of the last device of the part before to that of its own last one. */
export interface ServedWindow {
  readonly devices: number;
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** A release on its way to everybody, with the fleet that takes it. */
export interface StagedRollout {
  readonly host: SocketlessHost;
  readonly fleet: FleetModel;
  readonly rollout: string;
  readonly size: number;
  readonly progress: (text: string) => void;
}

/**
 * Lets the fleet take the release, from launch until every device has proven itself and is counted good. The clock of the field
 * goes on only when nothing is left to do. Throws when the rollout stops, or the host complains.
 */
export async function rollOut(run: StagedRollout): Promise<ServedWindow[]> {
  const { host, fleet, rollout, size } = run;
  const { world } = host;
  const waking = new Waking(run);
  const windows = new Windows(size);
  for (let lookAtMs = world.monotonicMs(); ; ) {
    if (world.monotonicMs() >= lookAtMs) {
      const isCompleted = await waking.look();
      lookAtMs += LOOK_EVERY_MS;
      windows.note(fleet.sent.proofs);
      const good = fleet.sent.proofs === size || isCompleted ? await goodOf(host, rollout) : 0;
      if (good === size) return windows.close();
      if (isCompleted) throw new Error(`the rollout is completed with ${good} of ${size} devices good`);
    }
    const isActing = host.asked.waiting > MOST_WAITING || fleet.act(PER_TURN);
    await host.turn(isActing ? world.monotonicMs() : lookAtMs);
  }
}

/** Devices that the rollout counts as good. */
async function goodOf(host: SocketlessHost, rollout: string): Promise<number> {
  const { counts } = await host.call('GET', `/rollouts/${rollout}`);
  return (counts as { readonly good: number }).good;
}

/** Wakes devices as far as offer cursor and window reach, as a hint would. */
class Waking {
  readonly #run: StagedRollout;
  readonly #cursors: { readonly atMs: number; readonly upTo: number }[] = [];
  #toldMs = performance.now();

  constructor(run: StagedRollout) {
    this.#run = run;
  }

  /** Answers whether the rollout is completed: it may be as soon as the last proof is counted. */
  async look(): Promise<boolean> {
    const { host, fleet, rollout, size, progress } = this.#run;
    const nowMs = host.world.monotonicMs();
    const keys = [gateKey(rollout), progressKey(rollout)];
    const [gate, stored] = await host.rollouts.get(keys, { consistent: true });
    if (gate?.state === 'completed') return true;
    if (gate?.state !== 'running') throw new Error(`the rollout is ${gate?.state}: ${gate?.reason}`);
    if (host.errors.length > 0) throw new Error(`the host complains: ${host.errors.join('\n')}`);
    if (host.asked.dropped > 0) throw new Error(`${host.asked.dropped} messages of devices were dropped`);
    const { upTo = 0 } = (stored?.cursor ?? {}) as { readonly upTo?: number };
    this.#cursors.push({ atMs: nowMs, upTo });
    fleet.wake(this.#knownCursor(nowMs), Number(gate.ceiling) - Number(gate.granted));
    if (performance.now() - this.#toldMs < TELL_EVERY_MS) return false;
    this.#toldMs = performance.now();
    const hours = (nowMs / 3_600_000).toFixed(2);
    progress(
      `${fleet.sent.proofs} of ${size} devices have proven themselves, after ${hours} hours in the field`,
    );
    return false;
  }

  /** Where the cursor was a while ago; nowhere before anybody can have heard of it. */
  #knownCursor(nowMs: number): number {
    const isHeard = ({ atMs }: { readonly atMs: number }) => atMs <= nowMs - HEARD_LATE_MS;
    while (this.#cursors[1] !== undefined && isHeard(this.#cursors[1])) this.#cursors.shift();
    const [oldest] = this.#cursors;
    return oldest !== undefined && isHeard(oldest) ? oldest.upTo : 0;
  }
}

class Windows {
  readonly all: ServedWindow[] = [];
  readonly #size: number;
  readonly #each: number;
  #devices = 0;
  #wallMs = performance.now();
  #cpu = process.cpuUsage();

  constructor(size: number) {
    this.#size = size;
    this.#each = Math.max(1, Math.floor(size / WINDOWS));
  }

  /** So many devices have sent their proof by now. */
  note(proven: number): void {
    if (proven - this.#devices >= this.#each) this.#add(proven);
  }

  /** All of them, with what is left over as the last one. */
  close(): ServedWindow[] {
    if (this.#size > this.#devices) this.#add(this.#size);
    return this.all;
  }

  #add(proven: number): void {
    const devices = proven - this.#devices;
    const wallMs = performance.now();
    const cpu = process.cpuUsage(this.#cpu);
    this.all.push({ devices, wallMs: wallMs - this.#wallMs, cpuMs: (cpu.user + cpu.system) / 1000 });
    this.#devices = proven;
    this.#wallMs = wallMs;
    this.#cpu = process.cpuUsage();
  }
}
