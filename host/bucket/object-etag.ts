import { createHash } from 'node:crypto';

/**
 * The ETag of an object that was uploaded in parts, built as S3 builds it but over sha256: the digest of the parts'
 * digests and `-N`. That of a plain put is the sha256 of its bytes. Opaque to everyone else.
 */
export function objectEtag(partEtags: readonly string[]): string {
  const digests = createHash('sha256');
  for (const etag of partEtags) digests.update(etag, 'hex');
  return `${digests.digest('hex')}-${partEtags.length}`;
}
