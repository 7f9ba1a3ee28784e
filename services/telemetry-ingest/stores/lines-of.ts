const NEWLINE = 0x0a;

/**
 * The lines of a stream of bytes, without their newlines, in the memory of one line and one chunk. `undefined` stands for a
 * line of more than `longestBytes`, so that positions stay right; a last line without a newline is a line too.
 */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  longestBytes: number,
): AsyncGenerator<string | undefined> {
  let parts: Uint8Array[] = [];
  let sizeBytes = 0;
  const add = (part: Uint8Array) => {
    sizeBytes += part.length;
    if (sizeBytes > longestBytes) parts = [];
    else if (part.length > 0) parts.push(part);
  };
  const take = () => {
    const line = sizeBytes > longestBytes ? undefined : Buffer.concat(parts).toString('utf8');
    parts = [];
    sizeBytes = 0;
    return line;
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      add(chunk.subarray(from, at));
      yield take();
      from = at + 1;
    }
    add(chunk.subarray(from));
  }
  if (sizeBytes > 0) yield take();
}
