import type { Item } from '#shared/capabilities/table.ts';
import type { ReleasePlan } from '../operators/manufacturer.ts';
import type { RolloutPlan, Scenario } from '../run/scenario.ts';
import { HostClock } from './host-clock.ts';
import type { KnownAttempt, KnownDevice, KnownRollout, RowChange, UnreadReport } from './known-facts.ts';

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
  #planOf(tenant: string, version: string, priority: number): RolloutPlan | undefined {
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
   * How much longer than it was a time may have seemed by the clock: nothing lasts longer by the latest time that it was set ahead
   * (docs/rollouts.md), and what came before another interruption is forgotten.
   */
  get uncountedMs(): number {
    return this.interruptions > 1 ? this.clock.leaptMs : 0;
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

  /**
   * Takes a change in; answers the attempt that it begins or moves, where it is one's, and its row as it was: open attempts are held by
   * the items of their devices, and so are good ones until the next; others that have ended are items of their own.
   */
  take({
    key,
    after,
    isOrdered,
  }: RowChange): { readonly attempt: KnownAttempt; readonly was?: Item } | undefined {
    if (after === undefined) this.items.delete(key);
    else this.items.set(key, after);
    const [pk = '', sk = ''] = key.split(' ');
    if (/^[RUC]#/.test(pk)) this.touched.add(pk.split('#')[1] ?? '');
    if (after === undefined) return undefined;
    if (pk.startsWith('R#')) this.#takeRollout(pk.slice(2), sk, after);
    if (sk.startsWith('outbox#') && after.type === 'ReleaseWithdrawn') this.#takeWithdrawal(after);
    if (pk.startsWith('U#')) return this.#takeAttempt(pk.split('#')[1] ?? '', sk, after, isOrdered);
    if (!pk.startsWith('D#')) return undefined;
    this.#takeDevice(pk.split('#')[1] ?? '', sk, after);
    const held = (after.open ?? after.proven) as Item | undefined;
    return held && this.#takeAttempt(String(held.rollout), sk, held, isOrdered);
  }

  #takeRollout(id: string, sk: string, after: Item): void {
    if (sk === 'rollout') {
      const [tenant, version] = [String(after.tenant), String(after.version)];
      const release = this.releaseOf(tenant, version);
      const document = after.document as { readonly holdOut?: unknown; readonly priority: number };
      const plan = this.#planOf(tenant, version, document.priority);
      if (release === undefined || plan === undefined) return;
      const fresh = {
        state: 'draft',
        stage: 0,
        sinceMs: this.nowMs,
        audited: 'draft 0',
        entries: new Set<string>(),
        hasExcuse: false,
      };
      if (this.rollouts.has(id)) return;
      const asksHoldOut = document.holdOut !== undefined;
      this.rollouts.set(id, { id, tenant, release, plan, asksHoldOut, ...fresh });
      // After a crash what happened in it may be known before it is.
      const others = [...this.items].filter(
        ([key]) => key.startsWith(`R#${id} `) && !key.endsWith(' rollout'),
      );
      for (const [key, item] of others.sort(([one], [other]) => (one < other ? -1 : 1)))
        this.#takeRollout(id, key.split(' ')[1] ?? '', item);
    }
    const rollout = this.rollouts.get(id);
    if (rollout === undefined) return;
    if (sk === 'gate' && after.launchedMs !== undefined) rollout.launchedMs ??= this.nowMs;
    if (sk === 'gate' && after.state !== rollout.state) {
      rollout.state = String(after.state);
      rollout.sinceMs = this.nowMs;
    }
    if (sk === 'progress') {
      rollout.stage = Number(after.stage);
      if (after.stageOpenedMs !== rollout.opened?.notedMs)
        rollout.opened = { notedMs: after.stageOpenedMs, sinceMs: this.nowMs };
      const { movedMs } = (after.cursor ?? {}) as { readonly movedMs?: number };
      if (movedMs !== rollout.moved?.notedMs) rollout.moved = { notedMs: movedMs, sinceMs: this.nowMs };
    }
    // Once more when it is sealed: that says nothing new. After a crash it may be sealed before it is known.
    if (sk.startsWith('audit#') && after.after !== undefined && !rollout.entries.has(sk)) {
      rollout.entries.add(sk);
      rollout.hasExcuse ||= after.action === 'excuse';
      const { state, stage } = after.after as { readonly state: string; readonly stage: number };
      rollout.audited = `${state} ${stage}`;
    }
  }

  #takeDevice(tenant: string, deviceId: string, after: Item): void {
    const device = this.devices.get(`${tenant}:${deviceId}`);
    if (device === undefined) return;
    device.item = after;
    device.knownSinceMs ??= this.nowMs;
    if (Array.isArray(after.tags) && !isSameTags(after.tags, device.tagged.at(-1)?.tags)) {
      device.tagged.push({ tags: after.tags.map(String), sinceMs: this.nowMs });
      device.asks = 0;
    }
    const { version } = (after.running ?? {}) as { readonly version?: string };
    if (version !== undefined && version !== device.seen?.version)
      device.seen = { version, sinceMs: this.nowMs };
    const isShutOut = after.quarantined === true || after.decommissioned === true;
    device.wasInQuarantine ||= after.quarantined === true;
    if (isShutOut) device.shutOutMs ??= this.nowMs;
    else delete device.shutOutMs;
  }

  #takeWithdrawal(after: Item): void {
    const { tenant, version } = after.detail as { readonly tenant: string; readonly version: string };
    this.withdrawn.set(`${tenant} ${version}`, this.nowMs);
  }

  #takeAttempt(
    rolloutId: string,
    deviceId: string,
    row: Item,
    isOrdered: boolean,
  ): ReturnType<Known['take']> {
    const rollout = this.rollouts.get(rolloutId);
    if (rollout === undefined) return undefined;
    const id = String(row.id);
    const thing = `${rollout.tenant}:${deviceId}`;
    this.touched.add(rolloutId);
    const was = this.attempts.get(id)?.row;
    const known: KnownAttempt = this.attempts.get(id) ?? { id, rollout, thing, grantedMs: this.nowMs, row };
    this.attempts.set(id, known);
    known.row = row;
    if (row.endedMs !== undefined) known.endedMs ??= this.nowMs;
    if (isOrdered && row.excused === 1 && was?.excused !== 1) known.excusedWhile = rollout.state;
    const device = this.devices.get(thing);
    const sequence = Number(row.sequence);
    if (row.state === 'good' && device !== undefined && sequence > device.floor.sequence)
      device.floor = { sequence, sinceMs: this.nowMs };
    return { attempt: known, ...(was && { was }) };
  }
}
