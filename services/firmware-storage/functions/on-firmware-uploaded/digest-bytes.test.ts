import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { digestBytes } from './digest-bytes.ts';

const CHUNK = Buffer.alloc(256 * 1024, 'firmware');

/** A stream of `chunks` equal chunks that counts how many were taken from it. */
function stream(chunks: number) {
  const state = { taken: 0, ended: false };
  async function* read() {
    try {
      for (; state.taken < chunks; state.taken++) yield CHUNK;
    } finally {
      state.ended = true;
    }
  }
  return { state, bytes: read() };
}

describe('the digest of a stream', () => {
  test('is that of its bytes, however they are cut', async () => {
    const whole = createHash('sha256')
      .update(Buffer.concat([CHUNK, CHUNK, CHUNK]))
      .digest('hex');
    expect(await digestBytes(stream(3).bytes, 3 * CHUNK.length)).toEqual({
      isWhole: true,
      sizeBytes: 3 * CHUNK.length,
      sha256: whole,
    });
  });

  test('stops reading, and lets the stream go, when there is more than anybody signed', async () => {
    const { state, bytes } = stream(10_000);
    expect(await digestBytes(bytes, 4 * CHUNK.length)).toEqual({ isWhole: false });
    expect(state).toEqual({ taken: 4, ended: true });
  });

  test('takes a chunk only when the one before is done with', async () => {
    let inHand = 0;
    async function* read() {
      for (let at = 0; at < 100; at++) {
        expect(inHand).toBe(0);
        inHand++;
        yield CHUNK;
        inHand--;
      }
    }
    expect(await digestBytes(read(), 100 * CHUNK.length)).toMatchObject({ isWhole: true });
  });

  test('fails when the stream does, instead of judging half of it', async () => {
    async function* torn() {
      yield CHUNK;
      throw new Error('the line broke');
    }
    await expect(digestBytes(torn(), 10 * CHUNK.length)).rejects.toThrow('the line broke');
  });
});
