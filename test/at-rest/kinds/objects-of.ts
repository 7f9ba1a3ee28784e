import type { Bucket } from '#shared/capabilities/bucket.ts';

/** A bucket that holds these texts by their keys, to be read alone. */
export function objectsOf(texts: Readonly<Record<string, string>>): Bucket {
  const readOnly = async (): Promise<never> => {
    throw new TypeError('what is at rest is read and not written');
  };
  const heads = Object.entries(texts).map(([key, text]) => ({
    key,
    sizeBytes: Buffer.byteLength(text),
    etag: '',
  }));
  return {
    list: async (prefix) => ({ objects: heads.filter(({ key }) => key.startsWith(prefix)) }),
    read: async (key) => chunksOf(texts[key] ?? ''),
    head: readOnly,
    put: readOnly,
    copy: readOnly,
    remove: readOnly,
  };
}

async function* chunksOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
