import { ConfigurationError } from '#shared/errors/errors.ts';

/** No host was started before; a clock that says so was never set, as on a board without a battery for it. */
const EARLIEST_MS = Date.UTC(2026, 0, 1);

/**
 * Makes sure that the clock may be right: an authority that is made in 1970 has ended long ago as soon as the clock is set, and with
 * it everybody's certificates. Throws `ConfigurationError` with what to do.
 */
export function checkClock(nowMs: number): void {
  if (nowMs >= EARLIEST_MS) return;
  const says = new Date(nowMs).toISOString();
  throw new ConfigurationError(
    `the clock of this machine says ${says}: set it, or start once its time service has`,
  );
}

/**
 * What people must know of a clock that stands before `ranUntilMs`, when the host had run before (milliseconds since 1970). It is told and
 * not refused: after a clock that was ahead by a year nobody with a token that ends would get in for a year.
 */
export function putBackText(ranUntilMs: number, nowMs: number): string {
  const [ran, says] = [ranUntilMs, nowMs].map((atMs) => new Date(atMs).toISOString());
  return (
    `the clock of this machine says ${says}, but the host has run until ${ran} by it: one of them is wrong. Tokens of people that ended in ` +
    'between are taken again. Set the clock if it is behind, and start again; npm run token -- --list says which tokens end when'
  );
}
