import * as z from 'zod';
import { parseJson } from '#shared/contracts/parse-json.ts';
import { FailedError } from '../errors.ts';

const Claims = z.object({
  iss: z.string(),
  aud: z.union([z.string(), z.array(z.string())]),
  exp: z.number(),
  iat: z.number().optional(),
  nonce: z.string().optional(),
});

/** What an id token must say. */
export interface Expected {
  readonly issuer: string;
  readonly clientId: string;
  /** Of the login that it answers; absent for a renewed token. */
  readonly nonce?: string;
}

/**
 * When an id token that came just now, at `nowMs`, expires by the clock of this machine, in milliseconds since 1970: no later than it says,
 * and no later than its life from now on, because a clock that is behind would take it for good when it is over. Its signature is not
 * verified here: it came from the issuer itself over TLS (OpenID Connect Core 1.0, 3.1.3.7, rule 6), and the API verifies it at every
 * call. Throws `FailedError` for a token of somebody else, for somebody else, or of another login.
 */
export function expiryOf(idToken: string, { issuer, clientId, nonce }: Expected, nowMs: number): number {
  const payload = Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString('utf8');
  const read = Claims.safeParse(parseJson(payload));
  if (!read.success) throw new FailedError(`${issuer} gave an id token that cannot be read`);
  const { iss, aud, exp, iat, nonce: told } = read.data;
  if (iss !== issuer) throw new FailedError(`the id token is of ${iss}, and not of ${issuer}`);
  if (![aud].flat().includes(clientId)) throw new FailedError('the id token is for another client');
  if (nonce !== undefined && told !== nonce) throw new FailedError('the id token is of another login');
  return iat === undefined ? exp * 1000 : Math.min(exp * 1000, nowMs + (exp - iat) * 1000);
}
