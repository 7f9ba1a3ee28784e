import { type KeyObject, verify } from 'node:crypto';
import type { World } from '#shared/world/world.ts';
import type { AwsAnswer, AwsRequest } from '../gate/aws-request.ts';
import { forward } from '../gate/forward.ts';
import type { DeployedStack } from '../stacks/deployed-stack.ts';

/** What the distribution serves, and with which key its URLs are checked. */
export interface DistributionParts {
  /** Id of the public key, as the template names it. */
  readonly keyPairId: string;
  readonly publicKey: KeyObject;
  readonly fauxqsEndpoint: string;
  readonly bucket: string;
  /** What the policy of the bucket lets the distribution read. */
  readonly prefix: string;
  readonly world: Pick<World, 'now'>;
}

/** The one bucket of a stack that lets a distribution read, and the prefix of the keys that it may read. */
export function readableThrough(
  stack: DeployedStack,
): Pick<DistributionParts, 'bucket' | 'prefix'> | undefined {
  for (const [, { Bucket, PolicyDocument }] of stack.ofType('AWS::S3::BucketPolicy')) {
    const { Statement } = PolicyDocument as unknown as { Statement: readonly PolicyStatement[] };
    const own = Statement.find(
      ({ Effect, Principal }) =>
        Effect === 'Allow' && JSON.stringify(Principal) === '{"Service":"cloudfront.amazonaws.com"}',
    );
    const prefix = /^arn:[a-z-]+:s3:::[^/]+\/(.*)\*$/.exec(String(own?.Resource))?.[1];
    if (prefix !== undefined) return { bucket: String(Bucket), prefix };
  }
  return undefined;
}

interface PolicyStatement {
  readonly Effect: string;
  readonly Principal: unknown;
  readonly Resource: unknown;
}

const FORBIDDEN: AwsAnswer = {
  status: 403,
  headers: { 'content-type': 'text/xml' },
  body: '<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>Access denied</Message></Error>',
};

/**
 * CloudFront before the bucket (a stub: no server of it can be had): gives the bytes of a URL whose canned policy is signed by the
 * key of its key group and not over, as far as the bucket lets it (CloudFront developer guide, "Signed URLs").
 */
export function distribution(parts: DistributionParts): (request: AwsRequest) => Promise<AwsAnswer> {
  const { fauxqsEndpoint, bucket, prefix } = parts;
  return async (request) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!isRead || !isSigned(request, parts) || !request.path.startsWith(`/${prefix}`)) return FORBIDDEN;
    return forward(fauxqsEndpoint, request, `/${bucket}${request.path}`);
  };
}

function isSigned(
  { host, path, query }: AwsRequest,
  { keyPairId, publicKey, world }: DistributionParts,
): boolean {
  const expiresAtSeconds = Number(query.get('Expires'));
  if (query.get('Key-Pair-Id') !== keyPairId || !(world.now() / 1000 < expiresAtSeconds)) return false;
  const policy = `{"Statement":[{"Resource":"https://${host}${path}","Condition":{"DateLessThan":{"AWS:EpochTime":${expiresAtSeconds}}}}]}`;
  // Base64 with the characters that a URL may have: `+` is `-`, `=` is `_`, `/` is `~`.
  const signature = (query.get('Signature') ?? '')
    .replaceAll('-', '+')
    .replaceAll('_', '=')
    .replaceAll('~', '/');
  return verify('sha256', Buffer.from(policy), publicKey, Buffer.from(signature, 'base64'));
}
