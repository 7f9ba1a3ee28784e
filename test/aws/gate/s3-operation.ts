import { hostOf, PLACE } from '../stacks/place.ts';
import type { AwsRequest, NeededRight } from './aws-request.ts';

/** A version of an object, or its latest. */
export interface S3Object {
  readonly bucket: string;
  readonly key: string;
  readonly version: string | undefined;
}

/** What a request asks of S3. */
export interface S3Operation {
  readonly name:
    | 'PutObject'
    | 'UploadPart'
    | 'CopyObject'
    | 'HeadObject'
    | 'GetObject'
    | 'DeleteObject'
    | 'ListObjectsV2'
    | 'CreateMultipartUpload'
    | 'CompleteMultipartUpload'
    | 'ListParts'
    | 'AbortMultipartUpload';
  readonly object: S3Object;
  /** Of a copy. */
  readonly source?: S3Object;
}

const VIRTUAL_HOST = new RegExp(`^(.+)\\.${hostOf('s3').replaceAll('.', '\\.')}$`);

/** The bucket that a host name names (virtual-hosted style). */
export const bucketAt = (host: string): string | undefined => VIRTUAL_HOST.exec(host)?.[1];

/** Reads what a request asks for; throws for what no function of ours should ask. */
export function operationOf(request: AwsRequest): S3Operation {
  const { host, method, path, query, headers } = request;
  const bucket = bucketAt(host) ?? '';
  const key = decodeURIComponent(path.slice(1));
  const object = { bucket, key, version: query.get('versionId') ?? undefined };
  const copied = headers['x-amz-copy-source'];
  const kinds: readonly (readonly [boolean, S3Operation['name']])[] = [
    [method === 'GET' && key === '' && query.get('list-type') === '2', 'ListObjectsV2'],
    [method === 'POST' && query.has('uploads'), 'CreateMultipartUpload'],
    [method === 'POST' && query.has('uploadId'), 'CompleteMultipartUpload'],
    [method === 'GET' && query.has('uploadId'), 'ListParts'],
    [method === 'DELETE' && query.has('uploadId'), 'AbortMultipartUpload'],
    [method === 'PUT' && query.has('partNumber'), 'UploadPart'],
    [method === 'PUT' && copied !== undefined, 'CopyObject'],
    [method === 'PUT' && key !== '', 'PutObject'],
    [method === 'HEAD' && key !== '', 'HeadObject'],
    [method === 'GET' && key !== '', 'GetObject'],
    [method === 'DELETE' && key !== '', 'DeleteObject'],
  ];
  const [, name] = kinds.find(([is]) => is) ?? [];
  if (bucket === '' || name === undefined) throw new Error(`S3 has no ${method} ${host}${path}`);
  return copied === undefined ? { name, object } : { name, object, source: copySource(copied) };
}

function copySource(header: string): S3Object {
  const [name = '', query = ''] = header.replace(/^\//, '').split('?');
  const [bucket = '', ...key] = decodeURIComponent(name).split('/');
  return { bucket, key: key.join('/'), version: new URLSearchParams(query).get('versionId') ?? undefined };
}

/** What each operation needs ("Required permissions for Amazon S3 API operations"). */
export function rightsOf({ name, object, source }: S3Operation): NeededRight[] {
  const bucketArn = `arn:${PLACE.partition}:s3:::${object.bucket}`;
  const arn = `${bucketArn}/${object.key}`;
  switch (name) {
    case 'ListObjectsV2':
      return [{ action: 's3:ListBucket', arn: bucketArn }];
    case 'HeadObject':
    case 'GetObject':
      return [{ action: versioned('s3:GetObject', object), arn }];
    case 'DeleteObject':
      return [{ action: versioned('s3:DeleteObject', object), arn }];
    case 'ListParts':
      return [{ action: 's3:ListMultipartUploadParts', arn }];
    case 'AbortMultipartUpload':
      return [{ action: 's3:AbortMultipartUpload', arn }];
    case 'CopyObject': {
      const from = source ?? object;
      const read = {
        action: versioned('s3:GetObject', from),
        arn: `arn:${PLACE.partition}:s3:::${from.bucket}/${from.key}`,
      };
      return [{ action: 's3:PutObject', arn }, read];
    }
    default:
      return [{ action: 's3:PutObject', arn }];
  }
}

const versioned = (action: string, { version }: S3Object): string =>
  version === undefined ? action : `${action}Version`;
