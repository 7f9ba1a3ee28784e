import * as z from 'zod';
import { parseJson } from '#shared/contracts/parse-json.ts';
import type { World } from '#shared/world/world.ts';
import { NotLoggedInError } from '../errors.ts';
import { exchange } from '../http-exchange.ts';
import { type Expected, expiryOf } from './id-token.ts';

/** What the token endpoint of an issuer answers (RFC 6749, 5.1 and 5.2). */
const Tokens = z.object({
  id_token: z.string().max(16_384),
  refresh_token: z.string().max(16_384).optional(),
});
const Refusal = z.object({ error: z.string(), error_description: z.string().optional() });

/** Tokens of somebody who is logged in. */
export interface PersonTokens {
  readonly idToken: string;
  readonly expiresAtMs: number;
  /** Absent where the issuer gives none, or leaves the one that there is. */
  readonly refreshToken: string | undefined;
}

const TIMEOUT_MS = 15_000;

/** Gets tokens for a grant. Throws `NotLoggedInError` with the issuer's reason where it gives none. */
export async function requestTokens(
  endpoint: string,
  grant: Readonly<Record<string, string>>,
  expected: Expected,
  { world, caPem }: { readonly world: World; readonly caPem?: string | undefined },
): Promise<PersonTokens> {
  const form = new URLSearchParams({ client_id: expected.clientId, ...grant });
  const { status, text } = await exchange(
    {
      method: 'POST',
      url: new URL(endpoint),
      caPem,
      timeoutMs: TIMEOUT_MS,
      headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
      body: Buffer.from(form.toString()),
    },
    world,
  );
  const answer = parseJson(text);
  const tokens = Tokens.safeParse(answer);
  if (status === 200 && tokens.success) {
    const { id_token: idToken, refresh_token: refreshToken } = tokens.data;
    return { idToken, refreshToken, expiresAtMs: expiryOf(idToken, expected, world.now()) };
  }
  const refusal = Refusal.safeParse(answer);
  const why = refusal.success ? (refusal.data.error_description ?? refusal.data.error) : `status ${status}`;
  throw new NotLoggedInError(`${expected.issuer} gives no token: ${why}`);
}
