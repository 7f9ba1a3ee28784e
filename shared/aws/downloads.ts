import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { Downloads } from '#shared/capabilities/bucket.ts';
import type { AwsSource } from '#shared/capabilities/home.ts';
import { checkKey } from '#shared/capabilities/limits/object-key.ts';
import { expiryAfter } from '#shared/capabilities/limits/url-life.ts';
import type { World } from '#shared/world/world.ts';
import { newS3Client } from './s3.ts';

/** Invariant 1 of the rollouts: what was withdrawn cannot be fetched for longer than a quarter of an hour. */
const LONGEST_LIFE_SECONDS = 900;

/** Downloads from the bucket that the variable names. */
export function open({ resource, share, world }: AwsSource): Downloads {
  return new S3Downloads(share(newS3Client), resource, world);
}

/** `Downloads` by presigned GET; S3 serves Range and If-Range. A URL can be made before the object is there. */
export class S3Downloads implements Downloads {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #world: Pick<World, 'now'>;

  constructor(client: S3Client, bucket: string, world: Pick<World, 'now'>) {
    this.#client = client;
    this.#bucket = bucket;
    this.#world = world;
  }

  async url(key: string, { lifeSeconds }: { readonly lifeSeconds: number }): Promise<string> {
    checkKey(key);
    const expiresAtSeconds = expiryAfter(this.#world, lifeSeconds, LONGEST_LIFE_SECONDS);
    return getSignedUrl(this.#client, new GetObjectCommand({ Bucket: this.#bucket, Key: key }), {
      expiresIn: lifeSeconds,
      signingDate: new Date((expiresAtSeconds - lifeSeconds) * 1000),
    });
  }
}
