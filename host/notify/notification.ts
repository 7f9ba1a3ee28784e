import * as z from 'zod';
import { operatorName } from '#shared/contracts/actor.ts';
import { RolloutChanged } from '#shared/contracts/events/rollout-events.ts';

/** What the receiver gets, as JSON; docs/operations.md tells it to who writes one. Fields may be added. */
export interface Notification {
  /** The same at every attempt: a receiver drops what it has had. */
  readonly id: string;
  readonly v: 1;
  readonly what: 'rollout-changed' | 'trouble' | 'host-started';
  /** Which host says so: its `--name`. */
  readonly host: string;
  /** When it happened, ISO 8601. */
  readonly at: string;
  /** Nothing goes on, or something goes on unseen, until a person has looked. */
  readonly needsPerson: boolean;
  /** All of it in plain words, with the command to run next. */
  readonly text: string;
  /**
   * Of a rollout's change: the fields of `RolloutChanged`. Of trouble: its name. Of a start: since when the host was away, and whose backup
   * it serves.
   */
  readonly [field: string]: unknown;
}

/** The host has seen something that no event tells of; put into the same queue as the events. */
export const TroubleSeen = {
  source: 'evenkeel.host',
  type: 'TroubleSeen',
  detail: z.object({
    id: z.string(),
    atMs: z.number(),
    /** What it is about: the name of a counter or of a queue. */
    trouble: z.string(),
    /** What is wrong and what to do. */
    text: z.string(),
  }),
} as const;
/** The detail of a `TroubleSeen`; `atMs` in milliseconds since 1970. */
export type TroubleSeen = z.infer<typeof TroubleSeen.detail>;

/** The host serves; put into the same queue as the events. */
export const HostStarted = {
  source: 'evenkeel.host',
  type: 'HostStarted',
  detail: z.object({
    id: z.string(),
    atMs: z.number(),
    /** Since when devices could not be heard; absent: at the first start of all. */
    awayFromMs: z.number().exactOptional(),
    /** When the backup was taken that is served here for the first time; absent: none is. */
    restoredFromMs: z.number().exactOptional(),
  }),
} as const;
/** The detail of a `HostStarted`; times in milliseconds since 1970. */
export type HostStarted = z.infer<typeof HostStarted.detail>;

const Told = z.object({ 'detail-type': z.string(), detail: z.unknown() });

/** The notification of an event as the queue holds it. Throws `ZodError` for one that is none. */
export function notificationOf(event: unknown, host: string): Notification {
  const { 'detail-type': type, detail } = Told.parse(event);
  if (type === TroubleSeen.type) return ofTrouble(TroubleSeen.detail.parse(detail), host);
  if (type === HostStarted.type) return ofStart(HostStarted.detail.parse(detail), host);
  return ofChange(RolloutChanged.detail.parse(detail), host);
}

function ofTrouble({ id, atMs, trouble, text }: TroubleSeen, host: string): Notification {
  return {
    id,
    v: 1,
    what: 'trouble',
    host,
    at: isoOf(atMs),
    needsPerson: true,
    text: `Evenkeel on ${host}: ${text}`,
    trouble,
  };
}

function ofStart({ id, atMs, awayFromMs, restoredFromMs }: HostStarted, host: string): Notification {
  const away =
    awayFromMs === undefined
      ? 'serves for the first time'
      : `serves again: no device was heard from ${isoOf(awayFromMs)} to ${isoOf(atMs)}`;
  const isRestored = restoredFromMs !== undefined;
  const text = isRestored
    ? `serves a BACKUP of ${isoOf(restoredFromMs)}: what happened since is forgotten, halts and revoked releases too, and each rollout ` +
      'that ran in it is paused. Before you resume one: "Backup and restoring" in docs/operations.md'
    : `${away}. This is where it tells what needs a person.`;
  return {
    id,
    v: 1,
    what: 'host-started',
    host,
    at: isoOf(atMs),
    needsPerson: isRestored,
    text: `Evenkeel on ${host}: ${text}`,
    ...(isRestored && { restoredFrom: isoOf(restoredFromMs) }),
    ...(awayFromMs !== undefined && { awayFrom: isoOf(awayFromMs) }),
  };
}

function ofChange(detail: RolloutChanged, host: string): Notification {
  const { id, tenant, atMs, rollout, release, change, state, stage, actor, reason } = detail;
  const person = operatorName(actor);
  const needsPerson =
    change === 'halted' || change === 'stalled' || (change === 'paused' && person === undefined);
  const who = person === undefined ? 'by itself' : `by ${person}`;
  const because = reason === '' ? '' : `: ${reason}`;
  // What decides whether somebody gets up: whether it goes on hurting devices.
  const meanwhile = change === 'halted' ? ' No more permits are given.' : '';
  const next = needsPerson ? 'Look now' : 'Look';
  return {
    id,
    v: 1,
    what: 'rollout-changed',
    host,
    at: isoOf(atMs),
    needsPerson,
    text:
      `Evenkeel on ${host}: the rollout of ${release} (${tenant}) ${WORDS[change](stage)} ${who}${because}.${meanwhile} ` +
      `${next}: npx evenkeel rollout show ${rollout}`,
    tenant,
    rollout,
    release,
    change,
    state,
    stage,
    actor,
    reason,
  };
}

const WORDS: Readonly<Record<RolloutChanged['change'], (stage: string) => string>> = {
  launched: (stage) => `was launched into stage ${stage}`,
  'stage-opened': (stage) => `opened stage ${stage}`,
  paused: (stage) => `was paused in stage ${stage}`,
  resumed: (stage) => `was resumed in stage ${stage}`,
  halted: (stage) => `HALTED in stage ${stage}`,
  aborted: (stage) => `was aborted in stage ${stage}`,
  completed: () => 'is completed',
  stalled: (stage) => `STALLED in stage ${stage}`,
};

function isoOf(atMs: number): string {
  return new Date(atMs).toISOString();
}
