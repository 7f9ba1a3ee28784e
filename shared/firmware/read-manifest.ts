import { Manifest } from '#shared/contracts/manifest.ts';
import { RefusedError } from '#shared/errors/errors.ts';
import { parseOrRefuse } from '#shared/errors/refusal-of.ts';

/** An offer of 5 KB carries the manifest as base64 (device protocol), beside names, a signature and a URL of up to 1.6 KB. */
const MAX_MANIFEST_BYTES = 2560;

/**
 * Reads the signed bytes strictly. Besides the schema, the text must be plain JSON: each key once, numbers and strings in
 * their shortest form, only white space added. Otherwise two parsers (the backend's and a small device's) could read two
 * manifests out of the same signed bytes: which of two equal keys counts is left open by RFC 8259, section 4.
 *
 * Throws `RefusedError` with the field at fault, or `manifest`. It does not say who signed the bytes: see `verifyManifest`.
 */
export function readManifest(bytes: Uint8Array): Manifest {
  if (bytes.length > MAX_MANIFEST_BYTES) {
    throw new RefusedError('manifest', `must be at most ${MAX_MANIFEST_BYTES} bytes`);
  }
  const text = readText(bytes);
  const said = readJson(text);
  const manifest = parseOrRefuse(Manifest, said, 'manifest');
  // No string of a valid manifest holds white space, so all of it lies between tokens.
  if (text.replaceAll(/[ \t\r\n]/g, '') !== JSON.stringify(said)) {
    throw new RefusedError(
      'manifest',
      'must be plain JSON: each key once, nothing escaped, numbers as integers',
    );
  }
  return manifest;
}

function readText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new RefusedError('manifest', 'must be UTF-8');
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RefusedError('manifest', 'must be JSON');
  }
}
