import * as z from 'zod';
import { parseJson } from '#shared/contracts/parse-json.ts';
import type { World } from '#shared/world/world.ts';
import { FailedError } from '../errors.ts';
import { exchange } from '../http-exchange.ts';

const HttpsUrl = z.url({ protocol: /^https$/ }).max(2048);

/** What an issuer tells of itself (OpenID Connect Discovery 1.0, section 3): the parts that a login needs. */
const Issuer = z.object({
  issuer: z.string(),
  authorization_endpoint: HttpsUrl,
  token_endpoint: HttpsUrl,
  scopes_supported: z.array(z.string()).optional(),
});
export type Issuer = z.infer<typeof Issuer>;

const TIMEOUT_MS = 15_000;

/** Asks an issuer where people log in and where tokens are got. Throws `FailedError` for one that is none, or another one. */
export async function discover(issuer: string, world: World, caPem?: string): Promise<Issuer> {
  const url = new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  const { status, text } = await exchange(
    { method: 'GET', url, headers: { accept: 'application/json' }, caPem, timeoutMs: TIMEOUT_MS },
    world,
  );
  const read = Issuer.safeParse(status === 200 ? parseJson(text) : undefined);
  if (!read.success)
    throw new FailedError(`${issuer} does not answer as an OpenID Connect issuer (status ${status})`);
  if (read.data.issuer !== issuer) throw new FailedError(`${issuer} says that it is ${read.data.issuer}`);
  return read.data;
}
