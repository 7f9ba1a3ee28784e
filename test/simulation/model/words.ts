import type { Item } from '#shared/capabilities/table.ts';
import type { KnownAttempt, RowChange } from './known-facts.ts';

/** What a change of the table means to a reader of the story; nothing for what only keeps the books. */
export function describeRow({ key, before, after }: RowChange): string | undefined {
  const [pk = '', sk = ''] = key.split(' ');
  if (sk === 'gate' && after !== undefined) {
    const { state, granted, ceiling, epoch } = after;
    const isNews = before?.state !== state || before?.ceiling !== ceiling || before?.granted !== granted;
    return isNews
      ? `gate ${shortened(pk.slice(2))} ${String(state)}: ${String(granted)} of ${String(ceiling)} granted, epoch ${String(epoch)}`
      : undefined;
  }
  if (sk.startsWith('audit#') && after !== undefined && after.seal === undefined)
    return `audit ${shortened(pk.slice(2))}: ${String(after.actor)} ${String(after.action)} ${String(after.reason ?? '')}`.trimEnd();
  if (sk.startsWith('note#') && after !== undefined)
    return `note ${shortened(pk.slice(2))}: ${String(after.text)}`;
  if (pk.startsWith('D#') && after?.quarantined === true && before?.quarantined !== true)
    return `${sk} is put in quarantine`;
  return undefined;
}

/** What became of an attempt whose row was so before, if anything did. */
export function describeAttempt({ thing, row }: KnownAttempt, was: Item | undefined): string | undefined {
  if (was?.state === row.state) return undefined;
  const why = row.reason === undefined ? '' : ` (${String(row.reason)})`;
  return `attempt ${shortened(row.id)} of ${thing} is ${String(row.state)}${why}`;
}

/** The parts of a message that tell the story. */
export function textOfMessage(body: Readonly<Record<string, unknown>>): string {
  const { release, answer, attempt, retryAfter, seconds, ackSeq, why, rule, from, components, bootId } = body;
  const events = Array.isArray(body.events)
    ? body.events.map(({ seq, state }) => `${seq}:${state}`).join(' ')
    : undefined;
  const main = (components as { readonly main?: { readonly version: string } } | undefined)?.main?.version;
  const parts = {
    release,
    answer,
    attempt: attempt && shortened(attempt),
    retryAfter,
    seconds,
    ackSeq,
    why,
    rule,
    from,
    runs: main,
    boot: bootId && shortened(bootId),
    events,
  };
  return Object.entries(parts)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ');
}

/** The end of an identifier, enough to tell it from others. */
const shortened = (id: unknown): string => String(id).slice(-6);
