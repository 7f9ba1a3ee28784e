import { type Invariant, wrong } from '../invariant.ts';
import { isSameTags, type Known } from '../known.ts';
import type { KnownAttempt, KnownDevice } from '../known-facts.ts';
import { type Fields, readFields } from '../taken.ts';
import { isDealtWith, ORDER, shows } from './dealing.ts';

const SKEW_MS = 5_000;
/** What the broker took so lately may lie in its queue when the history ends. */
const ON_ITS_WAY_MS = 10_000;

/** Whether the row of an attempt knows nothing of what its device said before the attempt ended, if it has. */
function isForgotten({ row }: KnownAttempt, state: string, saidMs: number, { clock }: Known): boolean {
  const at = ORDER.indexOf(state);
  if (at < 0 || ORDER.indexOf(String(row.reached)) >= at) return false;
  const isScored = ['silent', 'lost', 'void'].includes(String(row.state)) && row.reason !== 'interrupted';
  // "installing" is not taken once the rollout has stopped; and what comes after the deadline is too late.
  if (row.withdrawn === 1 || (isScored && saidMs > clock.firstMs(Number(row.endedMs)) - SKEW_MS))
    return false;
  return isScored || row.endedMs === undefined;
}

/** The reports that the raw log holds, or will: those of the batches on their way to it, and of dead letters. */
function logged(known: Known): Set<string> {
  const lines = [...known.rawLog(), ...known.deadLetters()].flatMap((text) => text.split('\n'));
  return new Set(
    lines.flatMap((line) => {
      const read = readFields(line);
      const reports = (read?.reports ?? [read]) as readonly (Fields | undefined)[];
      return reports.flatMap((one) => {
        const { attempt } = (one?.report ?? {}) as Fields;
        return attempt === undefined ? [] : [`${one?.thing} ${one?.atMs} ${attempt}`];
      });
    }),
  );
}

export const acknowledgedIsKept: Invariant = {
  number: 13,
  rule: 'what was acknowledged is never lost, and every message is applied or lies in a dead-letter queue',
  onTold({ thing, kind, body }, known) {
    const device = known.devices.get(thing);
    if (kind === 'refused') device?.answers.set(`refused ${String(body.message)}`, known.nowMs);
    if (kind === 'permit') device?.answers.set(`permit ${String(body.nonce)}`, known.nowMs);
    if (body.answer === 'withdrawn') device?.answers.set(`withdrawn ${String(body.attempt)}`, known.nowMs);
    if (kind !== 'ack') return 'pass';
    const [attempt, ackSeq] = [String(body.attempt), Number(body.ackSeq)];
    if (device === undefined) return wrong(`${thing} is no device`);
    device.acked.set(attempt, Math.max(ackSeq, device.acked.get(attempt) ?? 0));
    return unkept(thing, known) ?? 'holds';
  },
  onTaken: isDealtWith,
  onEnd(known) {
    for (const [thing, { told }] of known.devices) {
      const lost = unkept(thing, known);
      if (lost !== undefined) return lost;
      for (const [event, atMs] of told) {
        const [id = '', state = ''] = event.split(' ');
        const attempt = known.attempts.get(id);
        const isOnItsWay = known.nowMs - atMs < ON_ITS_WAY_MS;
        if (attempt !== undefined && !isOnItsWay && isForgotten(attempt, state, atMs, known))
          return wrong(`${thing} said ${state}, which the broker took and nobody applied`);
      }
    }
    const untagged = [...known.devices].find(([, device]) => !isTaggedAsPromised(device));
    if (untagged !== undefined)
      return wrong(
        `${untagged[0]} was given the tags ${untagged[1].promised?.tags.join(' ')}, and has others`,
      );
    const unregistered = [...known.registered].find(
      (thing) => known.devices.get(thing)?.item?.decommissioned !== false,
    );
    if (unregistered !== undefined) return wrong(`${unregistered} was registered, and is not in service`);
    const inLog = logged(known);
    const unlogged = known.handedOver.find((report) => !inLog.has(report));
    return unlogged === undefined ? 'holds' : wrong(`report ${unlogged} is not in the raw log`);
  },
};

/** Whether the orchestrator has the tags that a person was answered, or later ones. */
function isTaggedAsPromised({ promised, item }: KnownDevice): boolean {
  const { entityVersion, tags = [] } = item ?? {};
  if (promised === undefined || Number(entityVersion) > promised.entityVersion) return true;
  return entityVersion === promised.entityVersion && isSameTags(tags as string[], promised.tags);
}

/** What a device was told is durable, and is not. */
function unkept(thing: string, known: Known) {
  const { acked, said } = known.devices.get(thing) ?? { acked: new Map(), said: new Map() };
  for (const [id, ackSeq] of acked) {
    const attempt = known.attempts.get(id);
    if (attempt === undefined && known.forgotten.has(id)) continue;
    if (attempt === undefined)
      return wrong(`${thing} has an acknowledgement for attempt ${id}, which is not there`);
    for (const [seq, state] of said.get(id) ?? [])
      if (seq <= ackSeq && !shows(attempt, state))
        return wrong(
          `${thing} has an acknowledgement for "${state}", and its row is ${String(attempt.row.state)}`,
        );
  }
  return undefined;
}
