import type { Item } from '#shared/capabilities/table.ts';
import type { ReleasePlan } from '../operators/manufacturer.ts';
import type { RolloutPlan, Scenario } from '../run/scenario.ts';
import { HostClock } from './host-clock.ts';
import type { KnownAttempt, KnownDevice, KnownRollout, UnreadReport } from './known-facts.ts';

/** How an attempt ends badly. */
const BAD_ENDS: ReadonlySet<string> = new Set(['failed', 'reverted', 'silent', 'lost']);

/** Whether a device has the very tags that it had. */
export const isSameTags = (tags: readonly unknown[], had: readonly unknown[] | undefined): boolean =>
  had !== undefined && tags.length === had.length && tags.every((tag, at) => tag === had[at]);

/**
 * What the reference model knows: only what was committed to the table, what passed over the wire, and what truly happened to
 * devices. It reads items by their attributes and shares no code with the product.
 */
export class Known {
  readonly scenario: Scenario;
  readonly items = new Map<string, Item>();
  /** What the tables of the other services with an audit log hold, by their keys: read once, at the end. */
  otherLogs: readonly ReadonlyMap<string, Item>[] = [];
  readonly attempts = new Map<string, KnownAttempt>();
  readonly rollouts = new Map<string, KnownRollout>();
  readonly devices = new Map<string, KnownDevice>();
  /** Releases whose withdrawal the orchestrator has acknowledged, `<tenant> <version>`, since when. */
  readonly withdrawn = new Map<string, number>();
  /** Keys whose withdrawal was answered, `<tenant> <id>`. */
  readonly distrusted = new Set<string>();
  /** Devices that a person was answered to be registered since the faults began, and not decommissioned again. */
  readonly registered = new Set<string>();
  /** Hardware that products were answered to have, `<tenant> <hardware>`. */
  readonly hardware = new Set<string>();
  /** What each release of firmware-storage was when it was last written, by its key. */
  readonly releaseStates = new Map<string, string>();
  /** The digest of each rollout's document, worked out of what the API has shown. */
  readonly documents = new Map<string, string>();
  /** Rollouts that somebody has asked to advance by hand. */
  readonly advanced = new Set<string>();
  /** Who has asked to approve it by that very digest, whatever came of it. */
  readonly approvers = new Map<string, Set<string>>();
  /** Documents beside those that the scenario launches. */
  readonly #beside: RolloutPlan[] = [];
  /** Rollouts of which anything has changed since the last look, by id. */
  readonly touched = new Set<string>();
  /** Ids of attempts and rollouts that a restored backup does not know of. */
  readonly forgotten = new Set<string>();
  /** Rollouts that ran when the backup was made that is served, and that no person has resumed since. */
  readonly unresumed = new Set<string>();
  /** Reports that were dealt with and belong into the raw log: `<thing> <when the broker took it> <attempt>`. */
  readonly handedOver: string[] = [];
  nowMs = 0;
  readonly clock = new HostClock();
  /** When the host last began to serve, and whether it ever was away. */
  upSinceMs = 0;
  hasBeenDown = false;
  /** How often the host was away, or its clock set, since the beginning. */
  interruptions = 0;
  /** When it was down, in true time: what lasts stands still then. */
  readonly downs: { readonly fromMs: number; untilMs: number }[] = [];
  /** Since when the world is kind for good; 0 before. */
  recoveringSinceMs = 0;
  /** When reports were last seen to be unread for longer than a minute: silence clocks stand still until then. */
  deafUntilMs = 0;
  /** Reads the reports that the broker has taken and no function has dealt with, as they lie in the queue now. */
  unread: () => readonly UnreadReport[] = () => [];
  /** When the oldest message in that queue was sent, also one that nobody can read. */
  oldestReportMs: () => number | undefined = () => undefined;
  /** The product of a tenant as firmware-storage has it at this moment, durable or not yet. */
  productOf: (tenant: string) => Item | undefined = () => undefined;
  /** What device-registry knows of the sessions of a device at this moment. */
  presenceOf: (thing: string) => Item | undefined = () => undefined;
  /** The texts of all messages in dead-letter queues. */
  deadLetters: () => readonly string[] = () => [];
  /** The texts of the raw log's objects, and of the messages that wait to become some. */
  rawLog: () => readonly string[] = () => [];

  constructor(scenario: Scenario) {
    this.scenario = scenario;
    for (const traits of scenario.devices) {
      this.devices.set(`${traits.tenant}:${traits.deviceId}`, {
        traits,
        version: traits.factory.version,
        claims: traits.factory.version,
        sinceMs: 0,
        proven: new Map(),
        isBricked: false,
        wasInQuarantine: false,
        wasShared: false,
        tagged: [],
        floor: { sequence: 0, sinceMs: 0 },
        asks: 0,
        begins: new Set(),
        begun: new Set(),
        told: new Map(),
        acked: new Map(),
        said: new Map(),
        answers: new Map(),
        asked: new Map(),
      });
    }
  }

  /** A person asks for a rollout by that document: another than its plan says, where it has another priority. */
  asksFor(tenant: string, document: RolloutPlan['document']): void {
    const plan = this.scenario.rollouts.find(
      (one) => one.tenant === tenant && one.document.release === document.release,
    );
    if (plan === undefined || plan.document.priority === document.priority) return;
    const { holdOut } = plan.document;
    // The hold-out of the release binds it, too.
    this.#beside.push({ ...plan, document: { ...document, ...(holdOut !== undefined && { holdOut }) } });
  }

  /** The plan that was made for a rollout, or the document that was launched beside it. */
  planOf(tenant: string, version: string, priority: number): RolloutPlan | undefined {
    const own = [...this.#beside, ...this.scenario.rollouts].filter(
      (one) => one.tenant === tenant && one.version === version,
    );
    return own.find(({ document }) => document.priority === priority);
  }

  /** A person was answered that a device has these tags. */
  promise(thing: string, tags: readonly string[], entityVersion: number): void {
    const device = this.devices.get(thing);
    if (device === undefined || entityVersion <= (device.promised?.entityVersion ?? 0)) return;
    device.promised = { tags, entityVersion };
  }

  /**
   * How much longer than it was a time may have seemed by the clock: nothing lasts longer by the times that it was set ahead
   * (docs/rollouts.md), and of several what ends ahead of a clock that is put back is forgotten, with what it became one with.
   */
  get uncountedMs(): number {
    return this.interruptions > 1 && this.clock.backMs > 0 ? this.clock.leaptMs : 0;
  }

  /**
   * For how long devices could be heard since then, at most: without the times in which the host was down, where its clock was never
   * set. The product forgets of such a time what ends ahead of a clock that is put back.
   */
  heardMs(sinceMs: number): number {
    const downs = this.clock.setMs > 0 ? [] : this.downs;
    return downs.reduce(
      (heardMs, { fromMs, untilMs }) =>
        heardMs - Math.max(0, Math.min(untilMs, this.nowMs) - Math.max(fromMs, sinceMs)),
      this.nowMs - sinceMs,
    );
  }

  /** Attempts of one rollout. */
  of(rollout: KnownRollout): KnownAttempt[] {
    return [...this.attempts.values()].filter((attempt) => attempt.rollout === rollout);
  }

  /** Ids of the devices whose attempt has ended badly in that rollout. */
  endedBadly(rolloutId: string): string[] {
    return [...this.attempts.values()]
      .filter(({ rollout, row }) => rollout.id === rolloutId && BAD_ENDS.has(String(row.state)))
      .map(({ thing }) => thing.split(':')[1] ?? '');
  }

  /** The rollout that a device took part in last. */
  rolloutOf(thing: string): KnownRollout | undefined {
    return [...this.attempts.values()].findLast((attempt) => attempt.thing === thing)?.rollout;
  }

  /** The release that a rollout names. */
  releaseOf(tenant: string, version: string): ReleasePlan | undefined {
    return this.scenario.releases.find((one) => one.tenant === tenant && one.version === version);
  }
}
