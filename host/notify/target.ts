import { readFileSync } from 'node:fs';
import { ConfigurationError } from '#shared/errors/errors.ts';

/** Where notifications go, and what they are signed with. */
export interface NotifyTarget {
  readonly url: URL;
  /** The key of HMAC-SHA256; absent: they are not signed. */
  readonly secret?: Uint8Array;
}

/** What was said on the command line about notifications. */
export interface NotifyWords {
  readonly notify?: string | undefined;
  readonly 'notify-file'?: string | undefined;
  readonly 'notify-secret-file'?: string | undefined;
}

const LONGEST_URL = 2_048;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;
/** As Standard Webhooks writes a secret down: a prefix and the base64 of 24 to 64 bytes. */
const SECRET = /^whsec_([A-Za-z0-9+/]+={0,2})$/;

/**
 * The target that the options name; `undefined` where they name none. Throws `ConfigurationError` with the option and the rule,
 * and never with the URL or the secret: whoever knows either can speak for this host.
 */
export function notifyTarget(words: NotifyWords): NotifyTarget | undefined {
  const { notify, 'notify-file': urlFile, 'notify-secret-file': secretFile } = words;
  if (notify !== undefined && urlFile !== undefined)
    throw new ConfigurationError('--notify and --notify-file name the same thing: give one of them');
  if (notify === undefined && urlFile === undefined) {
    if (secretFile === undefined) return undefined;
    throw new ConfigurationError('--notify-secret-file: there is nothing to sign without --notify URL');
  }
  const url =
    urlFile === undefined
      ? urlOf('--notify', notify ?? '')
      : urlOf('--notify-file', textOf('--notify-file', urlFile));
  return { url, ...(secretFile !== undefined && { secret: secretOf(secretFile) }) };
}

function urlOf(option: string, text: string): URL {
  const url = text.length > LONGEST_URL ? null : URL.parse(text);
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.test(url.hostname));
  if (url !== null && isSafe && url.username === '' && url.password === '' && url.hash === '') return url;
  throw new ConfigurationError(
    `${option} must be https://..., or http://... on this machine itself (localhost, 127.0.0.1, [::1]), ` +
      `of at most ${LONGEST_URL} characters and without user name, password and #`,
  );
}

function secretOf(file: string): Uint8Array {
  const option = '--notify-secret-file';
  const secret = Buffer.from(SECRET.exec(textOf(option, file))?.[1] ?? '', 'base64');
  if (secret.length >= 24 && secret.length <= 64) return secret;
  throw new ConfigurationError(
    `${option}: must hold whsec_ and the base64 of 24 to 64 bytes; make one with: ` +
      'echo "whsec_$(openssl rand -base64 32)" > FILE',
  );
}

function textOf(option: string, file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new ConfigurationError(`${option}: ${file} cannot be read`, { cause: error });
  }
}
