import path from 'node:path';
import { ListRollouts } from '#shared/contracts/api/rollouts.ts';
import type { World } from '#shared/world/world.ts';
import { ApiClient, type Patience } from '../api-client.ts';
import { NotLoggedInError } from '../errors.ts';
import { readNamedFile } from '../files.ts';
import type { Io } from '../io.ts';
import { logInPerson } from '../oidc/log-in-person.ts';
import { type Renewal, sessionToken } from '../oidc/session-token.ts';
import { accessOf, checkedToken, type OidcTarget, type Target } from '../targets.ts';

/** The target of a host on this machine, by its data directory. */
export function localTarget(directory: string): Target {
  return { kind: 'data', directory: path.resolve(directory) };
}

/** The target of any other backend: its address, a file with a token, and a file with the authority where it is no public one. */
export async function remoteTarget(options: {
  readonly url: string;
  readonly tokenFile: string;
  readonly caFile?: string | undefined;
}): Promise<Target> {
  const { url, tokenFile, caFile } = options;
  const token = checkedToken((await readNamedFile(tokenFile, 'the token')).trim(), tokenFile);
  if (caFile === undefined) return { kind: 'url', url, token };
  return { kind: 'url', url, token, caPem: await readAuthority(caFile) };
}

async function readAuthority(file: string): Promise<string> {
  const caPem = await readNamedFile(file, 'the authority');
  // Node takes text without a certificate for an empty list of authorities, and the failure would come much later.
  if (caPem.includes('-----BEGIN CERTIFICATE-----')) return caPem;
  throw new NotLoggedInError(`${file} holds no certificate in PEM`);
}

/** What is known of a backend with an issuer of its own, and how to get its tokens. */
export interface OidcLogin {
  readonly url: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly deviceEndpoint?: string | undefined;
  /** A file that a machine gets its tokens in; without one a person logs in with a browser. */
  readonly tokenFile?: string | undefined;
  readonly caFile?: string | undefined;
}

/** The target of a backend with an issuer of its own, once somebody has logged in. Throws as `logInPerson` does. */
export async function oidcTarget(login: OidcLogin, io: Io): Promise<OidcTarget> {
  const { url, issuer, clientId, deviceEndpoint, tokenFile, caFile } = login;
  const caPem = caFile === undefined ? undefined : await readAuthority(caFile);
  const session: OidcTarget['session'] =
    tokenFile === undefined
      ? { by: 'person', ...(await logInPerson({ issuer, clientId, caPem }, io)) }
      : { by: 'file', file: path.resolve(tokenFile) };
  return { kind: 'oidc', url, issuer, clientId, deviceEndpoint, caPem, session };
}

/**
 * A client for a target. Tokens that it gets anew are handed to `keep`; without that they last as long as the client. With `patience`
 * it waits for a backend that is being started again. Throws `NotLoggedInError` when what is known of the target does not suffice.
 */
export async function openClient(
  target: Target,
  world: World,
  keep: Renewal['keep'] = async () => undefined,
  patience?: Patience,
): Promise<ApiClient> {
  if (target.kind !== 'oidc') return new ApiClient(await accessOf(target), world, { patience });
  const { url, caPem } = target;
  return new ApiClient({ url, caPem, token: sessionToken(target, { world, keep }) }, world, { patience });
}

/** Throws unless the API answers to this token. */
export async function checkAccess(client: ApiClient): Promise<void> {
  await client.call(ListRollouts, { query: { limit: 1 } });
}
