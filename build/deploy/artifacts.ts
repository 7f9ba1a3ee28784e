import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { Deployment } from './deployment.ts';
import type { StackResource, StackTemplate } from './stack-template.ts';

/** A file that a stack's functions are made of, under the key of its content. */
export interface Artifact {
  readonly key: string;
  readonly bytes: Buffer;
}

/** A packaged stack that can be uploaded. */
export interface Artifacts {
  /** The template, each function's code named by its content: what did not change is no change for CloudFormation. */
  readonly template: StackTemplate;
  readonly files: readonly Artifact[];
}

/** Bytes under the key of their content. */
export function artifactOf(bytes: Buffer, folder: string, ending: string): Artifact {
  return { key: `${folder}/${createHash('sha256').update(bytes).digest('hex')}.${ending}`, bytes };
}

/** Reads the archives in the folder of a packaged stack and names them by their content. */
export function readArtifacts(folder: string, template: StackTemplate): Artifacts {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.zip'))
    .map((name) => [name, artifactOf(readFileSync(path.join(folder, name)), 'code', 'zip')] as const);
  const keys = new Map(files.map(([name, { key }]) => [name, key]));
  return { template: withContentKeys(template, keys), files: files.map(([, file]) => file) };
}

/** The template with each function's `S3Key` replaced by the key of its archive; throws for an archive that is not there. */
function withContentKeys(template: StackTemplate, keys: ReadonlyMap<string, string>): StackTemplate {
  const Resources = Object.entries(template.Resources).map(([id, resource]): [string, StackResource] => {
    const { Code } = resource.Properties ?? {};
    // Only that of functions is used, and packaging writes theirs as a place in a bucket.
    const packagedAs = (Code as { readonly S3Key?: string } | undefined)?.S3Key;
    if (resource.Type !== 'AWS::Lambda::Function' || packagedAs === undefined) return [id, resource];
    const key = keys.get(path.posix.basename(packagedAs));
    if (key === undefined) throw new Error(`the archive of ${id} is missing: ${packagedAs}`);
    return [
      id,
      { ...resource, Properties: { ...resource.Properties, Code: { ...Object(Code), S3Key: key } } },
    ];
  });
  return { ...template, Resources: Object.fromEntries(Resources) };
}

/** Uploads what the bucket does not have yet, and tells how far it is. */
export async function upload(
  { aws, progress }: Deployment,
  {
    stackName,
    bucket,
    files,
  }: { readonly stackName: string; readonly bucket: string; readonly files: readonly Artifact[] },
): Promise<void> {
  let done = 0;
  const lanes = [...files];
  const lane = async () => {
    for (let next = lanes.pop(); next !== undefined; next = lanes.pop()) {
      const { key: Key, bytes: Body } = next;
      if (!(await isThere(aws.s3, bucket, next)))
        await aws.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
      done += 1;
      progress.now(`${stackName}: uploading, ${done} of ${files.length} files`);
    }
  };
  await Promise.all([lane(), lane(), lane(), lane()]);
}

async function isThere(
  s3: Deployment['aws']['s3'],
  bucket: string,
  { key, bytes }: Artifact,
): Promise<boolean> {
  try {
    const { ContentLength } = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    return ContentLength === bytes.byteLength;
  } catch (error) {
    if (error instanceof Error && error.name === 'NotFound') return false;
    throw error;
  }
}
