import * as z from 'zod';
import type { Bound } from '#shared/capabilities/needs.ts';
import type { Call } from './call.ts';
import { type LambdaFunction, lambdaFunction, type Needs } from './lambda-function.ts';

/** What S3 hands to a function when an object appears: the parts that are read (event message structure 2.x). */
const S3Event = z.object({
  Records: z.array(
    z.object({
      s3: z.object({
        bucket: z.object({ name: z.string() }),
        object: z.object({ key: z.string(), size: z.number(), versionId: z.string().optional() }),
      }),
    }),
  ),
});
export type S3Event = z.infer<typeof S3Event>;

/** What S3 sends once when somebody sets up its notifications: there is no object, and nothing to do. */
const S3TestEvent = z.object({ Event: z.literal('s3:TestEvent') });

/** An object that has appeared. */
export interface UploadedObject {
  readonly bucket: string;
  readonly key: string;
  readonly sizeBytes: number;
  readonly version: string;
}

/** A function behind uploads into a bucket. What it throws makes the event come again, and at last fail to its destination. */
export function onUpload<N extends Needs>(
  needs: N,
  steps: (object: UploadedObject, needs: Bound<N>, call: Call) => Promise<void>,
): LambdaFunction<unknown, void> {
  return lambdaFunction({ kind: 'upload' }, needs, async (event: unknown, bound, call) => {
    if (S3TestEvent.safeParse(event).success) return;
    for (const { s3 } of S3Event.parse(event).Records) {
      const { key, size, versionId } = s3.object;
      await steps(
        { bucket: s3.bucket.name, key: keyOf(key), sizeBytes: size, version: versionId ?? '' },
        bound,
        call,
      );
    }
  });
}

/** S3 URL-encodes keys in its events, and writes a space as `+`; throws `URIError` for what it never writes. */
function keyOf(encoded: string): string {
  return decodeURIComponent(encoded.replaceAll('+', ' '));
}
