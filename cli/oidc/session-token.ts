import type { World } from '#shared/world/world.ts';
import { NotLoggedInError } from '../errors.ts';
import { readNamedFile } from '../files.ts';
import { checkedToken, type OidcTarget } from '../targets.ts';
import { discover } from './discover.ts';
import { requestTokens } from './token-endpoint.ts';

/** A token with less than this left is renewed before it is used: clocks differ, and requests take time. */
const RENEWED_BEFORE_END_MS = 60_000;

/** What renewing needs besides the target. */
export interface Renewal {
  readonly world: World;
  /** Keeps the target with its new tokens. */
  readonly keep: (target: OidcTarget) => Promise<void>;
}

/**
 * Gets the token of a target, one that is valid now: from the file that a machine was given, or the person's, renewed when its
 * time is over. It throws `NotLoggedInError` once the person has to log in again.
 */
export function sessionToken(target: OidcTarget, { world, keep }: Renewal): () => Promise<string> {
  const { session } = target;
  if (session.by === 'file')
    return async () => checkedToken((await readNamedFile(session.file, 'the token')).trim(), session.file);
  let person = session;
  let renewing: Promise<string> | undefined;

  const renew = async (refreshToken: string): Promise<string> => {
    const { issuer, clientId, caPem } = target;
    const { token_endpoint } = await discover(issuer, world, caPem);
    const grant = { grant_type: 'refresh_token', refresh_token: refreshToken };
    const tokens = await requestTokens(token_endpoint, grant, { issuer, clientId }, { world, caPem });
    // An issuer that gives no new refresh token leaves the one that there is (RFC 6749, 6).
    person = { by: 'person', ...tokens, refreshToken: tokens.refreshToken ?? refreshToken };
    await keep({ ...target, session: person });
    return person.idToken;
  };

  return async () => {
    if (person.expiresAtMs - world.now() > RENEWED_BEFORE_END_MS) return person.idToken;
    if (person.refreshToken === undefined) throw new NotLoggedInError('the session has ended');
    // Calls at the same time share one renewal: an issuer may take a refresh token only once.
    renewing ??= renew(person.refreshToken).finally(() => {
      renewing = undefined;
    });
    return renewing;
  };
}
