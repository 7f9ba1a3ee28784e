import type { TableResource } from '#host/serverless/resource-definitions.ts';
import type { EmbeddedTable } from '#host/store/embedded-table.ts';
import type { Item } from '#shared/capabilities/table.ts';
import type { Answer, Call } from '../operators/operator.ts';
import { PRODUCT, type Scenario } from '../run/scenario.ts';
import type { Story } from '../run/story.ts';
import type { SimulatedWorld } from '../world/simulated-world.ts';
import type { Invariant, Told, Verdict } from './invariant.ts';
import { INVARIANTS } from './invariants/all.ts';
import { isFollowed } from './invariants/dealing.ts';
import { keepFacts } from './kept-facts.ts';
import { Known } from './known.ts';
import type { RowChange } from './known-facts.ts';
import { noteAnswer, noteCall } from './note-call.ts';
import { readJson } from './note-device.ts';
import { takeChange } from './take-change.ts';
import { type Answered, takenBy } from './taken.ts';
import { DeviceWatch } from './watch-devices.ts';
import { HostTimes } from './watch-host-times.ts';
import { describeAttempt, describeRow, textOfMessage } from './words.ts';

/** The table that the promises of the rollouts are about. */
const TABLE = 'rollouts';
/** The table of products and their releases. */
const RELEASES = 'firmware';
/** The table of who is connected. */
const PRESENCE = 'presence';
/** Tables of the other services whose decisions are sealed. */
const OTHER_LOGS: readonly string[] = ['registry', RELEASES];
/** Silence clocks stop while the oldest unread report is older (docs/rollouts.md, "What an attempt goes through"). */
const UNREAD_TOO_LONG_MS = 240_000;

/** What is gone through in its order: what a host that starts finds on its disk comes before what it changes in that instant. */
type Seen =
  | { readonly change: Pick<RowChange, 'key' | 'after'> }
  | { readonly told: Told }
  | { readonly found: ReadonlyMap<string, Item> };

/** Watches a history, keeps the reference model up to date and holds every invariant against what it sees. */
export class Watch {
  violation: string | undefined;
  /** How often each invariant had something to look at. */
  readonly looks = new Map<string, number>();
  /** Rises with every change of the orchestrator's table. */
  changes = 0;
  /** What each thing was told last about an offer, or that it was refused. */
  readonly answers = new Map<string, { readonly decision: string; readonly rollout?: string }>();
  readonly known: Known;
  readonly devices: DeviceWatch;
  readonly #times: HostTimes;
  readonly #world: SimulatedWorld;
  readonly #story: Story;
  #seen: Seen[] = [];
  #answered: Answered[] = [];
  readonly #otherLogs = new Map<string, EmbeddedTable>();
  readonly #halts: ((rollout: string, tenant: string) => void)[] = [];
  readonly #quarantines: ((thing: string, tenant: string) => void)[] = [];

  constructor(world: SimulatedWorld, scenario: Scenario, story: Story) {
    this.#world = world;
    this.#story = story;
    this.known = new Known(scenario);
    this.#times = new HostTimes(world, this.known);
    const violate = (name: string, what: string) => this.violate(name, what);
    this.devices = new DeviceWatch({ world, story, known: this.known, violate });
  }

  /** Lets the model read what lies on the disk of the host. */
  attach(disk: Pick<Known, 'unread' | 'oldestReportMs' | 'deadLetters' | 'rawLog'>): void {
    Object.assign(this.known, disk);
  }

  /** Calls `run` whenever a rollout has halted. */
  onHalt(run: (rollout: string, tenant: string) => void): void {
    this.#halts.push(run);
  }

  /** Calls `run` whenever a device has come into quarantine. */
  onQuarantine(run: (thing: string, tenant: string) => void): void {
    this.#quarantines.push(run);
  }

  /** Goes through all that was seen since the last instant, in its order. */
  look(): void {
    this.known.nowMs = this.#world.nowMs;
    const seen = this.#seen;
    if (seen.length === 0 && this.#answered.length === 0) return;
    this.#seen = [];
    for (const one of seen) {
      if ('told' in one) this.#holdAll((invariant) => invariant.onTold?.(one.told, this.known));
      else if ('found' in one) this.#compare(one.found);
      else this.#take({ ...one.change, before: this.known.items.get(one.change.key), isOrdered: true });
    }
    for (const taken of this.#answered.splice(0).flatMap(takenBy))
      this.#holdAll((invariant) => invariant.onTaken?.(taken, this.known));
    if (this.known.recoveringSinceMs > 0) this.#lookForDeafness();
    if (this.known.touched.size > 0) this.#holdAll((invariant) => invariant.onLook?.(this.known));
    this.known.touched.clear();
  }

  #lookForDeafness(): void {
    const nowMs = this.#world.nowMs;
    const oldestMs = this.known.oldestReportMs();
    if (oldestMs === undefined) return;
    // What was sent by a clock that was put back since may be as old as that.
    const ageMs = this.known.clock.mostMs(nowMs, 0) - oldestMs;
    if (ageMs > UNREAD_TOO_LONG_MS || ageMs < 0) this.known.deafUntilMs = nowMs;
  }

  /** From now on the world is kind. */
  recoveryBegins(): void {
    this.known.recoveringSinceMs = this.#world.nowMs;
  }

  /** The world has been kind for long enough: everything must have come to rest. */
  end(): void {
    this.known.nowMs = this.#world.nowMs;
    this.known.otherLogs = [...this.#otherLogs.values()].map(itemsOf);
    this.#holdAll((invariant) => invariant.onEnd?.(this.known));
  }

  /** Notes the first thing that is wrong. */
  violate(name: string, what: string): void {
    this.violation ??= `${name}: ${what}`;
  }

  /** Counts that an invariant had something to look at. */
  looked(name: string): void {
    this.looks.set(name, (this.looks.get(name) ?? 0) + 1);
  }

  onTable(table: EmbeddedTable, { name }: TableResource): void {
    if (name.endsWith(`-${PRESENCE}`))
      this.known.presenceOf = (thing) => table.peek({ pk: `D#${thing}`, sk: 'presence' });
    if (OTHER_LOGS.some((other) => name.endsWith(`-${other}`))) this.#otherLogs.set(name, table);
    if (name.endsWith(`-${RELEASES}`)) {
      this.known.productOf = (tenant) => table.peek({ pk: `P#${tenant}#${PRODUCT}`, sk: 'product' });
      table.observe(({ pk, sk }, after) => {
        if (after !== undefined)
          this.#holdAll((invariant) => invariant.onStored?.(`${pk} ${sk}`, after, this.known));
      });
    }
    if (!name.endsWith(`-${TABLE}`)) return;
    this.#seen.push({ found: itemsOf(table) });
    table.observe(({ pk, sk }, after) => {
      this.changes += 1;
      this.#seen.push({ change: { key: `${pk} ${sk}`, after } });
    });
  }

  onAnswered(answered: Answered): void {
    if (isFollowed(answered.by)) this.#answered.push(answered);
  }

  onPublish(topic: string, payload: Uint8Array): void {
    const [, thing = '', kind = ''] = topic.split('/');
    const body = readJson(payload);
    this.#seen.push({ told: { thing, kind, body } });
    // A permit that answers a check carries its offer.
    if (body.offer !== undefined)
      this.#seen.push({ told: { thing, kind: 'offer', body: { ...body.offer, rollout: body.rollout } } });
    if (kind === 'refused') this.answers.set(thing, { decision: 'refused' });
    if (kind === 'offer' && body.artifact !== undefined)
      this.answers.set(thing, { decision: 'offer', rollout: String(body.rollout) });
    if (this.#story.isWanted) this.#story.tell('function', `tells ${thing} ${kind} ${textOfMessage(body)}`);
  }

  /** What was written and not yet committed never was, and what the disk holds is looked at once it is open again; what was told was told. */
  onCrash(): void {
    this.#seen = this.#seen.filter((one) => 'told' in one);
    this.#answered = [];
    this.#times.onCrash();
  }

  onBegan(): void {
    this.#times.onBegan();
  }

  onStart(): void {
    this.#times.onStart();
  }

  onClockSet(aheadMs: number): void {
    this.#times.onClockSet(aheadMs);
  }

  /** The host serves again. */
  onServing(): void {
    this.#times.onServing();
  }

  onBackedUp(): () => void {
    const forget = keepFacts(this.known);
    return () => {
      forget();
      this.known.hasBeenDown = true;
    };
  }

  onFatal(error: unknown): void {
    this.violate('host', error instanceof Error ? (error.stack ?? error.message) : String(error));
  }

  onCall(call: Call): void {
    noteCall(this.known, call);
  }

  onAnswer(call: Call, { status, body }: Answer): void {
    const { tenant, method, path } = call;
    const lie = noteAnswer(this.known, call, { status, body });
    if (lie !== undefined) this.violate('16', lie);
    // What other tenants ask about is not theirs, whatever it is (invariant 10).
    const [, id = ''] = /^\/rollouts\/([0-9A-Z]{26})/.exec(path) ?? [];
    const rollout = this.known.rollouts.get(id);
    if (rollout === undefined || rollout.tenant === tenant) return;
    this.looked('10');
    if (status >= 200 && status < 300)
      this.violate('10', `${tenant} gets ${method} ${path} of ${rollout.tenant}`);
  }

  /** After a crash: what the disk holds is what there is. */
  #compare(items: ReadonlyMap<string, Item>): void {
    const keys = new Set([...this.known.items.keys(), ...items.keys()]);
    // Rollouts come before what happens in them, as their keys are in no order.
    const rank = (key: string): number => (key.endsWith(' rollout') ? 0 : key.startsWith('R#') ? 1 : 2);
    for (const key of [...keys].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))) {
      const [before, after] = [this.known.items.get(key), items.get(key)];
      if (JSON.stringify(before) !== JSON.stringify(after))
        this.#take({ key, before, after, isOrdered: false });
    }
  }

  #take(change: RowChange): void {
    const taken = takeChange(this.known, change);
    const attempt = taken?.attempt;
    const words = this.#story.isWanted
      ? (describeRow(change) ?? (attempt && describeAttempt(attempt, taken?.was)))
      : undefined;
    if (words !== undefined) this.#story.tell('table', words);
    if (attempt?.row.state === 'good' && taken?.was?.state !== 'good')
      this.devices.tellMoment(attempt.thing, 'good');
    const moved = attempt === undefined ? change : { ...change, before: taken?.was };
    this.#holdAll((invariant) => invariant.onRow?.(moved, attempt, this.known));
    this.#tellOf(change);
  }

  /** Tells those who wait for a halt or a quarantine. */
  #tellOf({ key, before, after }: RowChange): void {
    const [, rollout = ''] = /^R#(\S+) gate$/.exec(key) ?? [];
    const { tenant } = this.known.rollouts.get(rollout) ?? {};
    if (tenant !== undefined && after?.state === 'halted' && before?.state !== 'halted')
      for (const run of this.#halts) run(rollout, tenant);
    const [, of = '', device = ''] = /^D#([^\s#]+)\S* (\S+)$/.exec(key) ?? [];
    if (after?.quarantined === true && before?.quarantined !== true)
      for (const run of this.#quarantines) run(`${of}:${device}`, of);
  }

  #holdAll(ask: (invariant: Invariant) => Verdict | undefined): void {
    for (const invariant of INVARIANTS) {
      const verdict = ask(invariant) ?? 'pass';
      if (verdict === 'pass') continue;
      this.looked(String(invariant.number));
      if (verdict !== 'holds')
        this.violate(`invariant ${invariant.number} (${invariant.rule})`, verdict.wrong);
    }
  }
}

/** What a table holds, by partition and sort key. */
const itemsOf = (table: EmbeddedTable): Map<string, Item> =>
  new Map([...table.items()].map((item) => [`${String(item.pk)} ${String(item.sk)}`, item]));
