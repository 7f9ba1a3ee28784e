import { ConfigurationError } from '#shared/errors/errors.ts';
import { errorCode } from '#shared/program/error-code.ts';

/** It is part of the names of queues and buckets, as of one that is deployed, which has a character less (build/deploy/command-line.ts). */
const STAGE = /^[a-z]([a-z0-9-]{0,14}[a-z0-9])?$/;

/** The stage that `--stage` names. Throws `ConfigurationError` with the rule. */
export function stageOf(text: string): string {
  if (STAGE.test(text)) return text;
  throw new ConfigurationError(
    '--stage must be 1 to 16 of a-z, 0-9 and -, from a letter to a letter or digit',
  );
}

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

/** Which option a port was given by, and the address that it was to be taken on. */
export interface Listening {
  readonly option: '--mqtt-port' | '--http-port' | '--metrics-port';
  readonly port: number;
  readonly address: string;
}

/** What says why a port could not be taken, for people where they can mend it: the option, the rule, and what to do. */
export function listenFault(error: unknown, { option, port, address }: Listening): unknown {
  const texts: Readonly<Record<string, string>> = {
    EADDRINUSE: `${option}: ${port} is in use; choose another`,
    EACCES: `${option}: ${port} may not be taken by this user; choose one from 1024 on`,
    EADDRNOTAVAIL: `--host: ${address} is no address of this machine; choose one that is, or 0.0.0.0`,
    ENOTFOUND: `--host: ${address} is no address and no name that is known; choose an address of this machine`,
    EAI_AGAIN: `--host: ${address} cannot be looked up just now; choose an address of this machine`,
  };
  const text = texts[errorCode(error) ?? ''];
  return text === undefined ? error : new ConfigurationError(text, { cause: error });
}
