import { type StubAccount, StubFault } from './account.ts';
import { escaped, tag } from './xml.ts';

/** A request of S3, in path style. */
export interface S3Request {
  readonly method: string;
  readonly bucket: string;
  /** Empty for the bucket itself. */
  readonly key: string;
  readonly query: URLSearchParams;
  readonly body: Buffer;
}

/** What S3 answers: headers, and a document for most. */
export interface S3Answer {
  readonly headers?: Readonly<Record<string, string>>;
  readonly xml?: string;
}

/** Answers a request of S3: what deploying asks of buckets. */
export function answerS3(account: StubAccount, { method, bucket, key, query, body }: S3Request): S3Answer {
  if (bucket === '')
    return { xml: tag('ListAllMyBucketsResult', tag('Buckets', listed(account, query.get('prefix') ?? ''))) };
  const found = account.find('AWS::S3::Bucket', bucket);
  if (found === undefined) throw new StubFault(method === 'HEAD' ? 'NotFound' : 'NoSuchBucket', bucket, 404);
  const name = `${bucket}/${key}`;
  switch (`${method} ${key === '' ? 'bucket' : 'object'}`) {
    case 'HEAD bucket':
      return {};
    case 'DELETE bucket':
      if (keysIn(account, bucket).length > 0) throw new StubFault('BucketNotEmpty', bucket, 409);
      account.drop(found);
      return {};
    case 'GET bucket': {
      const versions = keysIn(account, bucket).map((one) =>
        tag('Version', tag('Key', escaped(one)) + tag('VersionId', 'null')),
      );
      return { xml: tag('ListVersionsResult', versions.join('')) };
    }
    case 'POST bucket':
      for (const [, one = ''] of body.toString().matchAll(/<Key>([^<]*)<\/Key>/g))
        account.objects.delete(`${bucket}/${one}`);
      return { xml: tag('DeleteResult', '') };
    case 'HEAD object': {
      const bytes = account.objects.get(name);
      if (bytes === undefined) throw new StubFault('NotFound', name, 404);
      return { headers: { 'content-length': String(bytes.byteLength) } };
    }
    case 'PUT object':
      account.objects.set(name, body);
      return { headers: { etag: '"etag"' } };
    default:
      throw new StubFault('MethodNotAllowed', `the stub has no ${method} ${name}`, 405);
  }
}

function keysIn(account: StubAccount, bucket: string): string[] {
  return [...account.objects.keys()]
    .filter((one) => one.startsWith(`${bucket}/`))
    .map((one) => one.slice(bucket.length + 1));
}

function listed({ resources }: StubAccount, prefix: string): string {
  return resources
    .filter(({ type, physicalId }) => type === 'AWS::S3::Bucket' && physicalId.startsWith(prefix))
    .map(({ physicalId }) => tag('Bucket', tag('Name', physicalId)))
    .join('');
}
