import type { Fault } from '../faults/fault.ts';
import { Faults } from '../faults/faults.ts';
import type { Stage } from '../faults/stage.ts';
import { Broker } from '../fleet/broker.ts';
import { Fleet } from '../fleet/fleet.ts';
import type { LoadedServices } from '../host/loaded-services.ts';
import { SimulatedHost } from '../host/simulated-host.ts';
import { isOver, resolvedWithinMs } from '../model/invariants/hearing.ts';
import { Watch } from '../model/watch.ts';
import { keysOf } from '../operators/manufacturer.ts';
import { Operator } from '../operators/operator.ts';
import { SimulatedWorld, type WorldView } from '../world/simulated-world.ts';
import { launchAll, setUp } from './plot.ts';
import { probe } from './probe.ts';
import { PRODUCT, type Scenario } from './scenario.ts';
import { Story } from './story.ts';

/** Wednesday, 25 November 2026, 09:00 UTC. */
const START_MS = Date.UTC(2026, 10, 25, 9);
/** With faults stopped, what is open comes to its end as the documents ask for, and so much later the history ends. */
const AFTERWARDS_MS = 30_000;
/** What may be late in a kind world (a message, a repeat of one) has come after so long. */
const LATE_MS = 180_000;
/** A history that does not come to its end in so many instants has run away. */
const MOST_STEPS = 60_000;
const DEVICE_SKEW_MS = 600_000;
const DAY_MS = 86_400_000;

/** What came of a seed. */
export interface Outcome {
  readonly seed: string;
  /** The first thing that must not be; absent when all was well. */
  readonly violation?: string;
  readonly lines: readonly string[];
  readonly digest: string;
  /** How often each fault has happened, by name. */
  readonly faults: ReadonlyMap<string, number>;
  /** Instants that something happened at. */
  readonly steps: number;
  /** How long it was in simulated time. */
  readonly elapsedMs: number;
  /** How often each invariant had something to look at, by its number. */
  readonly looks: ReadonlyMap<string, number>;
}

/**
 * Lives one history through, from an empty disk to the end of its recovery, or to the first violation. `useGlobals` puts clock and
 * chance of the process behind a view of its world, and back. `isTold`: the event log is kept, and has a digest.
 */
export async function runHistory(
  scenario: Scenario,
  all: readonly Fault[],
  rates: ReadonlyMap<string, number>,
  loaded: LoadedServices,
  useGlobals: (view?: WorldView) => void,
  isTold: boolean,
): Promise<Outcome> {
  const { seed } = scenario;
  const world = new SimulatedWorld(seed, START_MS);
  useGlobals(world.view('globals'));
  const story = new Story(() => world.nowMs, isTold);
  const faults = new Faults(all, rates, world, story);
  const watch = new Watch(world, scenario, story);
  const hostOf = () => host;
  const broker = new Broker({ world, host: hostOf, faults, observer: watch });
  const host: SimulatedHost = new SimulatedHost({
    world,
    loaded,
    faults,
    story,
    observer: watch,
    deliver: (topic, payload) => broker.deliver(topic, payload),
    onUp: () => {
      watch.onServing();
      broker.hostUp();
    },
    onDown: () => broker.hostDown(),
  });
  const skewed = rates.has('device-clock-off');
  const fleet = new Fleet(broker, {
    world,
    host: hostOf,
    observer: watch,
    settingsOf: ({ tenant, hardware, withinSeconds }) => ({
      product: PRODUCT,
      hardware,
      trustedKeysPem: [keysOf(tenant).publicKey],
      timing: scenario.timing,
      ...(withinSeconds !== undefined && { withinSeconds }),
    }),
    clockSkewOf: () => (skewed ? DEVICE_SKEW_MS : 0),
  });
  const operator = new Operator({ world, host: hostOf, story, observer: watch });
  let endMs = Number.POSITIVE_INFINITY;
  let offUntilMs = 0;
  const stage: Stage = {
    shutDown: async (durationMs) => {
      story.tell('world', `is switched off for ${Math.round(durationMs / DAY_MS)} days`);
      endMs += durationMs;
      offUntilMs = world.nowMs + durationMs;
      host.crash();
      await Promise.all(fleet.devices.map((device) => device.goAway(durationMs)));
      world.view('janitor').after(durationMs, () => host.start());
    },
    offForMs: () => Math.max(0, offUntilMs - world.nowMs),
    host,
    fleet,
    operator,
    scenario,
    onMoment: (run) => watch.onMoment(run),
    onHalt: (run) => watch.onHalt(run),
    rolloutOf: (thing) => watch.known.rolloutOf(thing),
  };
  watch.attach({
    unread: () => host.unreadReports(),
    oldestReportMs: () => host.oldestReportMs(),
    deadLetters: () => host.deadLetters(),
    rawLog: () => host.rawLog(),
  });
  let steps = 0;
  const goOn = async (until: () => number, isDone = () => false): Promise<void> => {
    while (watch.violation === undefined && !isDone() && (await world.step(until()))) {
      steps += 1;
      watch.look();
      if (steps > MOST_STEPS) watch.violate('run', `nothing comes to rest within ${MOST_STEPS} instants`);
    }
  };
  const live = async (): Promise<void> => {
    host.start();
    let isReady = false;
    const ready = setUp(stage).then(() => {
      isReady = true;
    });
    await goOn(
      () => endMs,
      () => isReady,
    );
    if (watch.violation !== undefined) return;
    await ready;
    story.tell('world', 'becomes unkind');
    faults.weather.isUnkind = true;
    endMs = world.nowMs + scenario.unkindMs;
    faults.begin(stage);
    launchAll(stage, world.view('plot'));
    await goOn(() => endMs);
    story.tell('world', 'becomes kind');
    faults.weather.isUnkind = false;
    watch.recoveryBegins();
    probe(stage, watch, world.view('probe'));
    if (!host.isUp) host.start();
    const resolvedMs = scenario.rollouts.map((plan) => resolvedWithinMs({ plan }));
    endMs = world.nowMs + Math.max(...resolvedMs, 0) + AFTERWARDS_MS;
    const earliestMs = world.nowMs + LATE_MS;
    // What is over stays so: idle checks and ticks prove nothing.
    await goOn(
      () => endMs,
      () => world.nowMs >= earliestMs && isOver(watch.known),
    );
    if (watch.violation === undefined) watch.end();
  };
  try {
    await live();
  } finally {
    host.dispose();
    useGlobals();
  }
  if (watch.violation !== undefined) story.tell('VIOLATION', watch.violation);
  return {
    seed,
    ...(watch.violation !== undefined && { violation: watch.violation }),
    lines: story.lines,
    digest: story.digest(),
    faults: faults.counts,
    steps,
    elapsedMs: world.elapsedMs,
    looks: watch.looks,
  };
}
