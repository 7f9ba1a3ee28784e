import type { Item } from '#shared/capabilities/table.ts';
import type { DeviceTraits } from '../fleet/simulated-device.ts';
import type { ReleasePlan } from '../operators/manufacturer.ts';
import type { RolloutPlan, Scenario } from '../run/scenario.ts';

/** One attempt as its row told of it, from its permit on; the last row of it stays when another attempt follows. */
export interface KnownAttempt {
  readonly id: string;
  readonly rollout: KnownRollout;
  readonly thing: string;
  /** True time at which its permit was committed. */
  readonly grantedMs: number;
  row: Item;
  /** True time at which its end was committed. */
  endedMs?: number;
}

/** One rollout, by its items. */
export interface KnownRollout {
  readonly id: string;
  readonly tenant: string;
  readonly release: ReleasePlan;
  readonly plan: RolloutPlan;
  /** Its own document asks for a hold-out of the release. */
  readonly asksHoldOut: boolean;
  state: string;
  stage: number;
  /** Since when, in true time, it has been in that state. */
  sinceMs: number;
  /** When it was first seen to be launched. */
  launchedMs?: number;
  /** What the last audit entry says that it is. */
  audited: string;
  /** Sort keys of the audit entries that were seen. */
  readonly entries: Set<string>;
}

/** What truly is of a device. */
export interface KnownDevice {
  readonly traits: DeviceTraits;
  version: string;
  /** What it says that it runs; one that lies is taken at its word. */
  claims: string;
  /** Since when that version runs. */
  sinceMs: number;
  /** When each digest first ran as a permanent image. */
  readonly proven: Map<string, number>;
  isBricked: boolean;
  /** Since when the backend knows of it. */
  knownSinceMs?: number;
  /** The version that the backend has last seen it run, and since when. */
  seen?: { readonly version: string; readonly sinceMs: number };
  /** Since when the backend knows that it gets nothing: in quarantine or decommissioned. */
  shutOutMs?: number;
  /** The highest sequence that was counted as good, and since when. */
  floor: { readonly sequence: number; readonly sinceMs: number };
  /** Permit requests, one after the other, that nothing kept from being granted, since the faults have stopped. */
  asks: number;
  /** Boots in which it has asked to begin with its permit. */
  readonly begins: Set<string>;
  /** Attempts whose install it has truly begun. */
  readonly begun: Set<string>;
  /** Events of its reports that the broker has acknowledged, `<attempt> <state>`, and when it first did. */
  readonly told: Map<string, number>;
  /** Acknowledgements that it was sent: the highest event number by attempt, and what had been said up to there. */
  readonly acked: Map<string, number>;
  readonly said: Map<string, Map<number, string>>;
  /** When it was last sent each other answer: `refused <kind>`, `permit <nonce>`, `withdrawn <attempt>`. */
  readonly answers: Map<string, number>;
  /** When it last asked for an offer or a permit, by nonce. */
  readonly asked: Map<string, number>;
  /** Its item of the orchestrator's table. */
  item?: Item;
}

/** A report that lies in the queue. */
export interface UnreadReport {
  readonly attempt: string;
  /** What it says, in words. */
  readonly states: string;
  readonly sentAtMs: number;
}

/** An item of the orchestrator's table, or the row of an attempt in one, has changed. `isOrdered` is false for what is found changed after a crash. */
export interface RowChange {
  readonly key: string;
  readonly before: Item | undefined;
  readonly after: Item | undefined;
  readonly isOrdered: boolean;
}

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
  /** The digest of each rollout's document, worked out of what the API has shown. */
  readonly documents = new Map<string, string>();
  /** Rollouts that somebody has asked to advance by hand. */
  readonly advanced = new Set<string>();
  /** Who has asked to approve it by that very digest, whatever came of it. */
  readonly approvers = new Map<string, Set<string>>();
  /** Rollouts of which anything has changed since the last look, by id. */
  readonly touched = new Set<string>();
  /** Reports that were dealt with and belong into the raw log: `<thing> <when the broker took it> <attempt>`. */
  readonly handedOver: string[] = [];
  nowMs = 0;
  /** When the host last began to serve, and whether it ever was away. */
  upSinceMs = 0;
  hasBeenDown = false;
  /** Since when the world is kind for good; 0 before. */
  recoveringSinceMs = 0;
  /** When reports were last seen to be unread for longer than a minute: silence clocks stand still until then. */
  deafUntilMs = 0;
  /** Reads the reports that the broker has taken and no function has dealt with, as they lie in the queue now. */
  unread: () => readonly UnreadReport[] = () => [];
  /** When the oldest message in that queue was sent, also one that nobody can read. */
  oldestReportMs: () => number | undefined = () => undefined;
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

  /** Attempts of one rollout. */
  of(rollout: KnownRollout): KnownAttempt[] {
    return [...this.attempts.values()].filter((attempt) => attempt.rollout === rollout);
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
  take({ key, after }: RowChange): { readonly attempt: KnownAttempt; readonly was?: Item } | undefined {
    if (after === undefined) this.items.delete(key);
    else this.items.set(key, after);
    const [pk = '', sk = ''] = key.split(' ');
    if (/^[RUC]#/.test(pk)) this.touched.add(pk.split('#')[1] ?? '');
    if (after === undefined) return undefined;
    if (pk.startsWith('R#')) this.#takeRollout(pk.slice(2), sk, after);
    if (sk.startsWith('outbox#') && after.type === 'ReleaseWithdrawn') this.#takeWithdrawal(after);
    if (pk.startsWith('U#')) return this.#takeAttempt(pk.split('#')[1] ?? '', sk, after);
    if (!pk.startsWith('D#')) return undefined;
    this.#takeDevice(pk.split('#')[1] ?? '', sk, after);
    const held = (after.open ?? after.proven) as Item | undefined;
    return held && this.#takeAttempt(String(held.rollout), sk, held);
  }

  #takeRollout(id: string, sk: string, after: Item): void {
    if (sk === 'rollout') {
      const [tenant, version] = [String(after.tenant), String(after.version)];
      const release = this.releaseOf(tenant, version);
      const plan = this.scenario.rollouts.find((one) => one.tenant === tenant && one.version === version);
      if (release === undefined || plan === undefined) return;
      const fresh = {
        state: 'draft',
        stage: 0,
        sinceMs: this.nowMs,
        audited: 'draft 0',
        entries: new Set<string>(),
      };
      if (this.rollouts.has(id)) return;
      const { holdOut } = after.document as { readonly holdOut?: unknown };
      this.rollouts.set(id, { id, tenant, release, plan, asksHoldOut: holdOut !== undefined, ...fresh });
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
    if (sk === 'progress') rollout.stage = Number(after.stage);
    // Once more when it is sealed: that says nothing new. After a crash it may be sealed before it is known.
    if (sk.startsWith('audit#') && after.after !== undefined && !rollout.entries.has(sk)) {
      rollout.entries.add(sk);
      const { state, stage } = after.after as { readonly state: string; readonly stage: number };
      rollout.audited = `${state} ${stage}`;
    }
  }

  #takeDevice(tenant: string, deviceId: string, after: Item): void {
    const device = this.devices.get(`${tenant}:${deviceId}`);
    if (device === undefined) return;
    device.item = after;
    device.knownSinceMs ??= this.nowMs;
    const { version } = (after.running ?? {}) as { readonly version?: string };
    if (version !== undefined && version !== device.seen?.version)
      device.seen = { version, sinceMs: this.nowMs };
    const isShutOut = after.quarantined === true || after.decommissioned === true;
    if (isShutOut) device.shutOutMs ??= this.nowMs;
    else delete device.shutOutMs;
  }

  #takeWithdrawal(after: Item): void {
    const { tenant, version } = after.detail as { readonly tenant: string; readonly version: string };
    this.withdrawn.set(`${tenant} ${version}`, this.nowMs);
  }

  #takeAttempt(rolloutId: string, deviceId: string, row: Item): ReturnType<Known['take']> {
    const rollout = this.rollouts.get(rolloutId);
    if (rollout === undefined) return undefined;
    const id = String(row.id);
    const thing = `${rollout.tenant}:${deviceId}`;
    this.touched.add(rolloutId);
    const was = this.attempts.get(id)?.row;
    const known = this.attempts.get(id) ?? { id, rollout, thing, grantedMs: this.nowMs, row };
    this.attempts.set(id, known);
    known.row = row;
    if (row.endedMs !== undefined) known.endedMs ??= this.nowMs;
    const device = this.devices.get(thing);
    const sequence = Number(row.sequence);
    if (row.state === 'good' && device !== undefined && sequence > device.floor.sequence)
      device.floor = { sequence, sinceMs: this.nowMs };
    return { attempt: known, ...(was && { was }) };
  }
}

/** The cohort of every attempt but a device's first. */
const RETRIES = 201;

/** Whether it is evidence: a device's first attempt. */
export const isFirst = ({ row }: KnownAttempt): boolean => row.cohort !== RETRIES;
/** Whether its device may try again as if it had not. */
export const isForgiven = ({ row }: KnownAttempt): boolean => row.state === 'void' || row.transient === 1;
/** Whether it was no fault of the release, so that its device may try once more; it keeps its place. */
export const isExcused = ({ row }: KnownAttempt): boolean => row.excused === 1;
/** Whether it gave its place back; what was taken out of the evidence keeps it. */
export const isReturned = (attempt: KnownAttempt): boolean => isForgiven(attempt) && !isExcused(attempt);
/** Whether the window still waits for it: what was taken out of the evidence it does not wait for. */
export const isAwaited = (attempt: KnownAttempt): boolean => isOpen(attempt) && !isExcused(attempt);
/** Whether it has not ended. */
export const isOpen = ({ row }: KnownAttempt): boolean => row.endedMs === undefined;

/** `1m`, `30s` in milliseconds. */
export function durationMs(text: unknown): number {
  const [, count = '', unit = ''] = /^(\d+)([smh])$/.exec(String(text)) ?? [];
  return Number(count) * ({ s: 1_000, m: 60_000, h: 3_600_000 }[unit] ?? Number.NaN);
}

/** What the document of a rollout asks for, in the model's own reading. */
export function rulesOf({ plan }: Pick<KnownRollout, 'plan'>) {
  const {
    halt,
    pace,
    permitFor,
    retry,
    settle,
    stages,
    standing = false,
    window,
  } = plan.document as {
    readonly halt: Readonly<Record<string, string>>;
    readonly pace: { readonly firstWindow: number; readonly growth: number; readonly perMinute: number };
    readonly permitFor: string;
    readonly retry: { readonly attempts: number };
    readonly settle: string;
    readonly standing?: boolean;
    readonly stages: readonly { readonly count?: number; readonly percent?: string; readonly tag?: string }[];
    readonly window?: { readonly from: string; readonly to: string };
  };
  return {
    ...pace,
    attempts: retry.attempts,
    permitMs: durationMs(permitFor),
    settleMs: durationMs(settle),
    silentAfterMs: durationMs(halt.silentAfter),
    installWithinMs: durationMs(halt.installWithin),
    youngMs: durationMs(halt.suspectAtLeast),
    failureRate: Number.parseFloat(halt.failureRate ?? '') / 100,
    lostRate: Number.parseFloat(halt.lostRate ?? '') / 100,
    falseHalt: Number.parseFloat(halt.falseHalt ?? '') / 100,
    stages,
    standing,
    window,
  };
}
