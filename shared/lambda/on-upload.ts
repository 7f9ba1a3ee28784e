import type { Bound } from '#shared/capabilities/needs.ts';
import type { Call } from './call.ts';
import { type LambdaFunction, lambdaFunction, type Needs } from './lambda-function.ts';

/** What S3 hands to a function when an object appears: the parts that are read. */
export interface S3Event {
  readonly Records: readonly {
    readonly s3: {
      readonly bucket: { readonly name: string };
      readonly object: { readonly key: string; readonly size: number; readonly versionId?: string };
    };
  }[];
}

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
): LambdaFunction<S3Event, void> {
  return lambdaFunction({ kind: 'upload' }, needs, async (event: S3Event, bound, call) => {
    for (const { s3 } of event.Records) {
      const { key, size, versionId } = s3.object;
      await steps(
        { bucket: s3.bucket.name, key: keyOf(key), sizeBytes: size, version: versionId ?? '' },
        bound,
        call,
      );
    }
  });
}

/** S3 URL-encodes keys in its events, and writes a space as `+`. */
function keyOf(encoded: string): string {
  return decodeURIComponent(encoded.replaceAll('+', ' '));
}
