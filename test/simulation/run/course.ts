import type { Stage } from '../faults/stage.ts';
import { isOver, resolvedWithinMs } from '../model/invariants/hearing.ts';
import type { Cast } from './cast.ts';
import { launchAll, setUp } from './plot.ts';
import { probe } from './probe.ts';
import { readBack } from './read-back.ts';
import type { Scenario } from './scenario.ts';

/** With faults stopped, what is open comes to its end as the documents ask for, and so much later the history ends. */
const AFTERWARDS_MS = 30_000;
/** What may be late in a kind world (a message, a repeat of one) has come after so long. */
const LATE_MS = 180_000;
/** A history that does not come to its end in so many instants has run away. */
const MOST_STEPS = 60_000;
const DAY_MS = 86_400_000;

/** The course of a history: a set-up that nothing disturbs, a time of faults, and the recovery. The first violation ends it. */
export class Course {
  /** Instants that something happened at. */
  steps = 0;
  readonly #cast: Cast;
  readonly #scenario: Scenario;
  readonly #stage: Stage;
  /** When the present part ends; later by every time that all was switched off. */
  #endMs = Number.POSITIVE_INFINITY;
  #offUntilMs = 0;

  constructor(cast: Cast, scenario: Scenario) {
    this.#cast = cast;
    this.#scenario = scenario;
    const { host, fleet, operator, watch, world } = cast;
    this.#stage = {
      host,
      fleet,
      operator,
      scenario,
      shutDown: (durationMs) => this.#shutDown(durationMs),
      offForMs: () => Math.max(0, this.#offUntilMs - world.nowMs),
      onMoment: (run) => watch.devices.onMoment(run),
      onHalt: (run) => watch.onHalt(run),
      onQuarantine: (run) => watch.onQuarantine(run),
      endedBadly: (rollout) => watch.known.endedBadly(rollout),
      unresumed: () => [...watch.known.rollouts.values()].filter(({ id }) => watch.known.unresumed.has(id)),
      rolloutOf: (thing) => watch.known.rolloutOf(thing),
    };
  }

  /** Lives it through. */
  async live(): Promise<void> {
    const { watch } = this.#cast;
    await this.#setUp();
    if (watch.violation !== undefined) return;
    await this.#unkind();
    await this.#recovery();
    if (watch.violation === undefined) watch.end();
    if (watch.violation === undefined) await this.#readBack();
  }

  async #setUp(): Promise<void> {
    const { host, watch } = this.#cast;
    host.start();
    let isReady = false;
    const ready = setUp(this.#stage).then(() => {
      isReady = true;
    });
    await this.#goOn(() => isReady);
    if (watch.violation === undefined) await ready;
  }

  async #unkind(): Promise<void> {
    const { world, story, faults } = this.#cast;
    story.tell('world', 'becomes unkind');
    faults.weather.isUnkind = true;
    this.#endMs = world.nowMs + this.#scenario.unkindMs;
    faults.begin(this.#stage);
    launchAll(this.#stage, world.view('plot'));
    await this.#goOn();
  }

  async #recovery(): Promise<void> {
    const { world, story, faults, watch, host } = this.#cast;
    story.tell('world', 'becomes kind');
    faults.weather.isUnkind = false;
    watch.recoveryBegins();
    probe(this.#stage, watch, world.view('probe'));
    if (!host.isUp) host.start();
    const resolvedMs = this.#scenario.rollouts.map((plan) => resolvedWithinMs({ plan }));
    this.#endMs = world.nowMs + Math.max(...resolvedMs, 0) + AFTERWARDS_MS;
    const earliestMs = world.nowMs + LATE_MS;
    // What is over stays so: idle checks and ticks prove nothing.
    await this.#goOn(() => world.nowMs >= earliestMs && isOver(watch.known));
  }

  /** Last of all, so that nothing of what came before is another for it. */
  async #readBack(): Promise<void> {
    const { watch, world } = this.#cast;
    let isRead = false;
    const reading = readBack(this.#stage, watch, world.view('read-back')).then(() => {
      isRead = true;
    });
    this.#endMs = Number.POSITIVE_INFINITY;
    await this.#goOn(() => isRead);
    if (watch.violation === undefined) await reading;
  }

  /** Instant by instant, until the present part ends, or is done before that. */
  async #goOn(isDone = () => false): Promise<void> {
    const { world, watch } = this.#cast;
    while (watch.violation === undefined && !isDone() && (await world.step(this.#endMs))) {
      this.steps += 1;
      watch.look();
      if (this.steps > MOST_STEPS)
        watch.violate('run', `nothing comes to rest within ${MOST_STEPS} instants`);
    }
  }

  async #shutDown(durationMs: number): Promise<void> {
    const { world, story, host, fleet } = this.#cast;
    story.tell('world', `is switched off for ${Math.round(durationMs / DAY_MS)} days`);
    this.#endMs += durationMs;
    this.#offUntilMs = world.nowMs + durationMs;
    host.crash();
    await Promise.all(fleet.devices.map((device) => device.goAway(durationMs)));
    world.view('janitor').after(durationMs, () => host.start());
  }
}
