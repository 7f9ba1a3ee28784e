import { createHash } from 'node:crypto';
import type { Io } from '../io.ts';
import { listenForCallback } from './callback-server.ts';
import { discover } from './discover.ts';
import { type PersonTokens, requestTokens } from './token-endpoint.ts';

/** Somebody logs in with a browser. */
export interface PersonLogin {
  readonly issuer: string;
  readonly clientId: string;
  readonly caPem?: string | undefined;
}

/**
 * Authorization code with PKCE (RFC 7636): prints where to log in, waits until the browser comes back, and gets the tokens. No
 * browser is opened: the address can be opened on this machine by hand. Throws `FailedError` and `NotLoggedInError`.
 */
export async function logInPerson(
  { issuer, clientId, caPem }: PersonLogin,
  io: Pick<Io, 'world' | 'untilStopped' | 'err'>,
): Promise<PersonTokens> {
  const { world } = io;
  const {
    authorization_endpoint,
    token_endpoint,
    scopes_supported = [],
  } = await discover(issuer, world, caPem);
  const secret = () => Buffer.from(world.randomBytes(32)).toString('base64url');
  const [verifier, state, nonce] = [secret(), secret(), secret()];
  const callback = await listenForCallback(world);
  try {
    const { redirectUri } = callback;
    const address = new URL(authorization_endpoint);
    const asked = {
      response_type: 'code',
      client_id: clientId,
      redirect_uri: redirectUri,
      // Cognito renews without being asked, and refuses a scope that it does not know.
      scope: scopes_supported.includes('offline_access') ? 'openid offline_access' : 'openid',
      state,
      nonce,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    };
    for (const [name, value] of Object.entries(asked)) address.searchParams.set(name, value);
    io.err(`Open this address in a browser on this machine, and log in:\n\n  ${address.href}\n\n`);
    const code = await callback.code(state, io.untilStopped());
    return await requestTokens(
      token_endpoint,
      { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier },
      { issuer, clientId, nonce },
      { world, caPem },
    );
  } finally {
    callback.close();
  }
}
