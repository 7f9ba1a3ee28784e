import type { Artifact } from './release.ts';

/** What the bytes of an uploaded object are. */
export type UploadedBytes =
  | { readonly isWhole: true; readonly sizeBytes: number; readonly sha256: string }
  /** Reading stopped, because it was more than any artifact of the release may have. */
  | { readonly isWhole: false };

/** Whether an upload keeps what its manifest promises; if not, which field of the manifest it breaks, and how. */
export type UploadVerdict =
  | { readonly outcome: 'verified' }
  | { readonly outcome: 'rejected'; readonly field: string; readonly rule: string };

/** More than so many bytes need not be read: no artifact of the release has them. */
export function mostBytesOf(artifacts: readonly Artifact[]): number {
  return Math.max(...artifacts.map(({ sizeBytes }) => sizeBytes));
}

/** Holds the bytes uploaded for `artifact` against what was signed; `all` are the artifacts of its release. */
export function judgeUpload(
  artifact: Artifact,
  all: readonly Artifact[],
  bytes: UploadedBytes,
): UploadVerdict {
  const { hardware, sizeBytes, sha256 } = artifact;
  const path = `artifacts.${all.indexOf(artifact)}`;
  if (!bytes.isWhole) {
    return rejected(
      `${path}.sizeBytes`,
      `must be ${sizeBytes} as signed for ${hardware}, but the upload is longer`,
    );
  }
  if (bytes.sha256 === sha256 && bytes.sizeBytes === sizeBytes) return { outcome: 'verified' };
  const other = all.find((one) => one.sha256 === bytes.sha256);
  if (other !== undefined && other !== artifact) {
    return rejected(
      `${path}.sha256`,
      `must be the bytes signed for ${hardware}, but those for ${other.hardware} were uploaded`,
    );
  }
  if (bytes.sizeBytes !== sizeBytes) {
    return rejected(
      `${path}.sizeBytes`,
      `must be ${sizeBytes} as signed for ${hardware}, but the upload has ${bytes.sizeBytes}`,
    );
  }
  return rejected(`${path}.sha256`, `must be as signed for ${hardware}, but the upload has ${bytes.sha256}`);
}

function rejected(field: string, rule: string): UploadVerdict {
  return { outcome: 'rejected', field, rule };
}
