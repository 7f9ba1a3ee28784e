import path from 'node:path';
import { ListRollouts } from '#shared/contracts/api/rollouts.ts';
import type { World } from '#shared/world/world.ts';
import { ApiClient } from '../api-client.ts';
import { NotLoggedInError } from '../errors.ts';
import { readNamedFile } from '../files.ts';
import { accessOf, checkedToken, type Target } from '../targets.ts';

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
  const caPem = await readNamedFile(caFile, 'the authority');
  // Node takes text without a certificate for an empty list of authorities, and the failure would come much later.
  if (!caPem.includes('-----BEGIN CERTIFICATE-----')) {
    throw new NotLoggedInError(`${caFile} holds no certificate in PEM`);
  }
  return { kind: 'url', url, token, caPem };
}

/** A client for a target. Throws `NotLoggedInError` when what is known of it does not suffice. */
export async function openClient(target: Target, world: World): Promise<ApiClient> {
  return new ApiClient(await accessOf(target), world);
}

/** Throws unless the API answers to this token. */
export async function checkAccess(client: ApiClient): Promise<void> {
  await client.call(ListRollouts, { query: { limit: 1 } });
}
