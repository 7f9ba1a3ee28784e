import { ConfigurationError } from '#shared/errors/errors.ts';
import { errorCode } from '#shared/program/error-code.ts';

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
