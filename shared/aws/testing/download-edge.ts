import { type KeyObject, verify } from 'node:crypto';

/** What an edge of CloudFront knows of a key group with one key. */
export interface EdgeKey {
  readonly keyPairId: string;
  readonly publicKey: KeyObject;
}

/**
 * Judges a download URL as CloudFront does with a canned policy ("Create a signed URL using a canned policy" in its developer
 * guide): `undefined` when it is served, otherwise why it is answered 403. The signature is over the URL without the
 * parameters of the signature, so that nothing of it can be changed.
 */
export function whyDenied(url: URL, key: EdgeKey, nowMs: number): string | undefined {
  const { searchParams } = url;
  const expires = searchParams.get('Expires') ?? '';
  const signature = searchParams.get('Signature') ?? '';
  if (signature === '') return 'the URL is not signed';
  if (searchParams.get('Key-Pair-Id') !== key.keyPairId) return 'the key is not one of the group';
  const hash = searchParams.get('Hash-Algorithm') ?? 'SHA1';
  const policy = `{"Statement":[{"Resource":"${signedPart(url)}","Condition":{"DateLessThan":{"AWS:EpochTime":${expires}}}}]}`;
  const bytes = Buffer.from(
    signature.replaceAll('-', '+').replaceAll('_', '=').replaceAll('~', '/'),
    'base64',
  );
  if (!verify(hash, Buffer.from(policy), key.publicKey, bytes)) return 'the signature does not match';
  return Number(expires) * 1000 > nowMs ? undefined : 'the URL has expired';
}

function signedPart(url: URL): string {
  const rest = [...url.searchParams].filter(
    ([name]) => !['Expires', 'Signature', 'Key-Pair-Id', 'Hash-Algorithm'].includes(name),
  );
  const query = rest.map(([name, value]) => `${name}=${value}`).join('&');
  return `${url.origin}${url.pathname}${query === '' ? '' : `?${query}`}`;
}
