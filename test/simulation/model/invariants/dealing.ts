import type { Item } from '#shared/capabilities/table.ts';
import { type Verdict, wrong } from '../invariant.ts';
import { isSameTags, type Known } from '../known.ts';
import type { KnownAttempt, KnownDevice } from '../known-facts.ts';
import { type Fields, messageIn, type Taken } from '../taken.ts';

/** Clocks of servers are two seconds off each way. */
const SKEW_MS = 5_000;

/** States that an attempt passes while it is open. */
export const ORDER = ['granted', 'installing', 'rebooting'];

/** Whether the row of an attempt shows what a device said of it. */
export function shows({ row }: KnownAttempt, state: string): boolean {
  if (row.endedMs !== undefined) return true;
  const at = ORDER.indexOf(state);
  return at < 0 || ORDER.indexOf(String(row.reached)) >= at;
}

/** What a function has dealt with, read, and the device that sent it, if the model knows it. */
interface Message extends Taken {
  readonly body: Fields;
  readonly atMs: number;
  readonly device?: KnownDevice;
}
/** What should have come of a message and has not, in words. */
type Lacking = (message: Message, known: Known) => string | undefined;

/** A report has moved the row of its attempt, and was acknowledged unless the attempt was taken back or nobody waits for it. */
function lacksOfReport({ from, atMs, body, device }: Message, known: Known) {
  const id = String(body.attempt);
  const attempt = known.attempts.get(id);
  // What is said of a permit that came after the backup is not counted (docs/operations.md).
  if (attempt === undefined && known.forgotten.has(id)) return undefined;
  if (attempt === undefined || attempt.thing !== from?.thing) return 'its attempt is not there';
  const events = body.events as readonly { readonly seq: number; readonly state: string }[];
  const unseen = events.find(({ state }) => !isHeard(attempt, state));
  if (unseen !== undefined) return `the row of its attempt does not show "${unseen.state}"`;
  const isAnswered =
    body.leaving === true ||
    device?.answers.has(`withdrawn ${id}`) === true ||
    events.every(({ seq }) => seq <= (device?.acked.get(id) ?? 0));
  if (!isAnswered) return 'it was not acknowledged';
  known.handedOver.push(`${attempt.thing} ${atMs} ${id}`);
  return undefined;
}

/** Whether the row of an attempt shows whatever its report may say. */
function isHeard(attempt: KnownAttempt, state: string): boolean {
  const { row } = attempt;
  if (row.endedMs !== undefined) return true;
  if (state === 'failed') return false;
  if (state === 'interrupted') return row.reached === 'rebooting';
  if (state === 'claimed') return row.claimed === 1;
  return shows(attempt, state) || (state === 'installing' && row.withdrawn === 1);
}

/**
 * The check of a device is what it was last seen running, or is older than that, or says the same. One from before the clock of the host
 * was put back is older than any since.
 */
function lacksOfCheck({ atMs, body, device }: Message, { clock, nowMs }: Known) {
  const { entityVersion, running } = device?.item ?? {};
  if (entityVersion === undefined) return undefined;
  const seen = (running ?? { seenAtMs: 0 }) as Item;
  const { version, digest } = (body.components as { readonly main: Fields }).main;
  const isSame =
    seen.version === version &&
    seen.digest === digest &&
    seen.bootId === body.bootId &&
    seen.confirmed === body.confirmed;
  const shownMs = clock.mostMs(nowMs, 0) + SKEW_MS;
  const isOlder = Number(seen.seenAtMs) >= atMs || (atMs > shownMs && Number(seen.seenAtMs) <= shownMs);
  return isSame || isOlder ? undefined : 'what runs there is not noted';
}

/** A request for a permit is answered, unless its device has asked anything else since: it listens for its latest answer only. */
function lacksOfRequest({ atMs, body, device }: Message, { clock }: Known) {
  if (device === undefined || body.components !== undefined) return undefined;
  const isOutdated = [...device.asked].some(
    ([nonce, askedMs]) => nonce !== body.nonce && askedMs >= clock.firstMs(atMs),
  );
  return isOutdated || device.answers.has(`permit ${String(body.nonce)}`) ? undefined : 'it was not answered';
}

function lacksOfDevice({ body }: Message, { devices }: Known) {
  const device = devices.get(`${String(body.tenant)}:${String(body.deviceId)}`);
  if (device === undefined) return undefined;
  const { entityVersion = 0, tags = [] } = device.item ?? {};
  const isSame = isSameTags(tags as string[], (body.tags ?? tags) as string[]);
  const isNoted =
    entityVersion === body.entityVersion ? isSame : Number(entityVersion) > Number(body.entityVersion);
  return isNoted ? undefined : 'its facts are not noted';
}

function lacksOfRelease({ body }: Message, { items }: Known) {
  const { tenant, product, version } = body;
  const item = items.get(`P#${String(tenant)}#${String(product)} release#${String(version)}`);
  return item?.manifest === undefined ? 'the release is not known' : undefined;
}

const lacksOfRevocation = ({ body }: Message, { withdrawn }: Known) =>
  withdrawn.has(`${String(body.tenant)} ${String(body.version)}`) ? undefined : 'nothing was withdrawn';

const lacksOfInterruption = ({ body }: Message, { items }: Known) =>
  Number(items.get('hearing hearing')?.resumedAtMs) >= Number(body.untilMs)
    ? undefined
    : 'silence clocks go on';

/** By function: what the message of a device is called when it is refused, and what must have come of it. */
const FOLLOWED: Readonly<Record<string, { readonly kind?: string; readonly lacks: Lacking }>> = {
  'apply-reports': {
    kind: 'report',
    lacks: (message, known) =>
      message.body.components === undefined ? lacksOfReport(message, known) : lacksOfCheck(message, known),
  },
  'request-permit': { kind: 'permit', lacks: lacksOfRequest },
  'on-device-changed': { lacks: lacksOfDevice },
  'on-release-published': { lacks: lacksOfRelease },
  'on-release-revoked': { lacks: lacksOfRevocation },
  'on-hearing-interrupted': { lacks: lacksOfInterruption },
};

/** Whether the model knows what must come of what a function deals with. */
export const isFollowed = (functionName: string): boolean => functionName in FOLLOWED;

/** Whether a message that was taken off its queue, or an event off the bus, has come to what it must, or lies with the dead letters. */
export function isDealtWith({ by, beganMs, from, body }: Taken, known: Known): Verdict {
  const { kind, lacks } = FOLLOWED[by] ?? {};
  const device = from && known.devices.get(from.thing);
  if (lacks === undefined || (from !== undefined && device === undefined)) return 'pass';
  if (Number(device?.answers.get(`refused ${kind}`)) >= beganMs) return 'holds';
  const atMs = from?.atMs ?? 0;
  const message = { by, beganMs, atMs, ...(from && { from }), ...(device && { device }) };
  const lacking = body === undefined ? 'it was not refused' : lacks({ ...message, body }, known);
  if (lacking === undefined || lettersIn(known).has(`${from?.thing} ${atMs}`)) return 'holds';
  return wrong(`${by} takes ${from ? `what ${from.thing} said` : 'an event'} for done, and ${lacking}`);
}

/** Messages of devices in dead-letter queues, by thing and time. */
const lettersIn = (known: Known): Set<string> =>
  new Set(
    known.deadLetters().flatMap((text) => {
      const { from } = messageIn(text) ?? {};
      return from === undefined ? [] : [`${from.thing} ${from.atMs}`];
    }),
  );
