import { addUsage, BILLED_UNITS, noUsage, type UsageCounts } from '#shared/metering/billed-unit.ts';
import type { Passed } from '../gate/gate.ts';
import { unitsOfRequest } from './units-of-request.ts';

/** A line of a function's or the account's log. */
export type LogLine = Readonly<Record<string, unknown>>;

/** What a process was seen to use up to the end of one of its invocations. */
interface Seen {
  readonly units: Readonly<UsageCounts>;
  /** SQS messages that its pollers brought, and in how many requests of each kind. */
  readonly messages: number;
  readonly polls: number;
}

interface Session {
  readonly functionName: string;
  readonly units: UsageCounts;
  readonly told: UsageCounts;
  readonly ends: Seen[];
  /** All that was told by the end of each line. */
  readonly claims: Readonly<UsageCounts>[];
  messages: number;
  polls: number;
  /** Up to so many invocations the process was sure to know of every answer. */
  sureUntil: number;
}

/** Units that only the services behind the gate can tell of. */
const OF_REQUESTS = ['tableReadUnits', 'tableWriteUnits', 'busEvents', 'iotMessages'] as const;
const NAMESPACE = 'Evenkeel/Usage';
/** Reads come in halves. */
const NEARLY = 1e-6;
const MESSAGES_PER_POLL = 10;
/** A function waits so long for an answer: see CLIENT_SETTINGS. */
const WAITS_MS = 1_400;
const DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/**
 * Holds what the processes of functions say that they used against what their requests were: each line of usage tells
 * everything up to the end of one invocation, and says by its own count of invocations which.
 */
export class UsageAudit {
  readonly #sessions = new Map<string, Session>();

  /** A process began. */
  started(accessKeyId: string, functionName: string): void {
    this.#sessions.set(accessKeyId, {
      functionName,
      units: noUsage(),
      told: noUsage(),
      ends: [],
      claims: [],
      messages: 0,
      polls: 0,
      sureUntil: Number.POSITIVE_INFINITY,
    });
  }

  /** A request was answered. */
  passed(passed: Passed): void {
    const session = this.#sessions.get(passed.accessKeyId);
    if (session === undefined) return;
    addUsage(session.units, unitsOfRequest(passed));
    if (!isSure(passed)) session.sureUntil = Math.min(session.sureUntil, session.ends.length);
  }

  /** An invocation ended. */
  ended(event: unknown, accessKeyId: string): void {
    const session = this.#sessions.get(accessKeyId);
    if (session === undefined) return;
    const messages = messagesIn(event);
    session.messages += messages;
    // Each batch is received and deleted by tens.
    session.polls += 2 * Math.ceil(messages / MESSAGES_PER_POLL);
    session.units.functionRequests += 1;
    session.ends.push({
      units: { ...session.units },
      messages: session.messages,
      polls: session.polls,
    });
  }

  /** A process wrote a line. */
  heard(line: LogLine, accessKeyId: string): void {
    const session = this.#sessions.get(accessKeyId);
    if (session === undefined || !isUsage(line)) return;
    const told = BILLED_UNITS.map((unit) => [unit, Number(line[unit] ?? 0)] as const);
    addUsage(session.told, Object.fromEntries(told));
    session.claims.push({ ...session.told });
  }

  /** Functions of which a process told its usage. */
  get heardOf(): ReadonlySet<string> {
    return namesOf([...this.#sessions.values()].filter(({ claims }) => claims.length > 0));
  }

  /** Those of them of which all is known that was asked, so that it can be held against what they told. */
  get audited(): ReadonlySet<string> {
    return namesOf(this.#sure);
  }

  /** Lines of usage that do not agree with what was seen. */
  get disagreements(): readonly string[] {
    return this.#sure.flatMap(({ functionName, claims, ends }) =>
      claims.flatMap((told) => faultsOf(told, ends).map((fault) => `${functionName}: ${fault}`)),
    );
  }

  /** All that they told. */
  get told(): Readonly<UsageCounts> {
    const sum = noUsage();
    for (const { claims } of this.#sure) addUsage(sum, claims.at(-1) ?? {});
    return sum;
  }

  /** Sessions with the claims of which everything is known. */
  get #sure(): Session[] {
    return [...this.#sessions.values()].flatMap((session) => {
      const claims = session.claims.filter(({ functionRequests }) => functionRequests <= session.sureUntil);
      return claims.length === 0 ? [] : [{ ...session, claims }];
    });
  }
}

/** Whether it was sent once and answered in time: the date of its signature is in whole seconds. */
function isSure({ request: { headers }, answeredAtMs }: Passed): boolean {
  const [, attempt = '1'] = /attempt=(\d+)/.exec(headers['amz-sdk-request'] ?? '') ?? [];
  const signedAt = (headers['x-amz-date'] ?? '').replace(DATE, '$1-$2-$3T$4:$5:$6Z');
  return attempt === '1' && answeredAtMs - Date.parse(signedAt) < WAITS_MS;
}

const namesOf = (sessions: readonly Session[]): ReadonlySet<string> =>
  new Set(sessions.map(({ functionName }) => functionName));

function faultsOf(told: UsageCounts, ends: readonly Seen[]): string[] {
  const seen = ends[told.functionRequests - 1];
  if (seen === undefined)
    return [`told of ${told.functionRequests} invocations, of which ${ends.length} ended`];
  const faults: string[] = OF_REQUESTS.filter((unit) => Math.abs(told[unit] - seen.units[unit]) > NEARLY).map(
    (unit) => `told ${told[unit]} ${unit}, and used ${seen.units[unit]}`,
  );
  // What an IoT rule sends to a queue is told by whoever reads it: one request more for each message at most.
  const polled = told.queueRequests - seen.units.queueRequests - seen.polls;
  if (polled < 0 || polled > seen.messages)
    faults.push(
      `told ${told.queueRequests} queueRequests, and made ${seen.units.queueRequests} beside ${seen.polls} polls of ${seen.messages} messages`,
    );
  return faults;
}

function messagesIn(event: unknown): number {
  const { Records = [] } = Object(event) as { readonly Records?: readonly { eventSource?: string }[] };
  return Records.filter(({ eventSource }) => eventSource === 'aws:sqs').length;
}

function isUsage({ _aws }: LogLine): boolean {
  const { CloudWatchMetrics = [] } = Object(_aws) as {
    readonly CloudWatchMetrics?: readonly { readonly Namespace: string }[];
  };
  return CloudWatchMetrics.some(({ Namespace }) => Namespace === NAMESPACE);
}
