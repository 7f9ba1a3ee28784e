import { Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { GatheredWrites } from './gathered-writes.ts';

/** A connection that notes what leaves together. */
function connectionWith(gathered: GatheredWrites) {
  const left: string[] = [];
  const connection = new Writable({
    writev: (chunks, done) => {
      left.push(chunks.map(({ chunk }) => String(chunk)).join(''));
      done();
    },
  });
  gathered.gather(connection);
  /** As mqtt-packet writes: corked, piece by piece, let go on the next tick. */
  const write = (...pieces: readonly string[]) => {
    connection.cork();
    process.nextTick(() => connection.uncork());
    for (const piece of pieces) connection.write(piece);
  };
  return { connection, left, write };
}

describe('gathered writes', () => {
  test('packets of two turns leave together', async () => {
    const { left, write } = connectionWith(new GatheredWrites());
    write('puback', '.');
    await turn();
    write('offer', '.');
    await turn();
    await turn();
    expect(left).toEqual(['puback.offer.']);
  });

  test('a packet that nothing follows leaves by itself, and so does the one after it', async () => {
    const { left, write } = connectionWith(new GatheredWrites());
    write('one');
    for (let turns = 0; turns < 3; turns += 1) await turn();
    expect(left).toEqual(['one']);
    write('two');
    for (let turns = 0; turns < 3; turns += 1) await turn();
    expect(left).toEqual(['one', 'two']);
  });

  test('a connection that is always written to is not held up', async () => {
    const { left, write } = connectionWith(new GatheredWrites());
    for (let at = 0; at < 20; at += 1) {
      write(String(at % 10));
      await turn();
    }
    expect(left.join('').length).toBeGreaterThanOrEqual(17);
    expect(Math.max(...left.map((packets) => packets.length))).toBeLessThanOrEqual(3);
  });

  test('what is written before an end still leaves', async () => {
    const { connection, left, write } = connectionWith(new GatheredWrites());
    write('goodbye');
    connection.end();
    for (let turns = 0; turns < 3; turns += 1) await turn();
    expect(left).toEqual(['goodbye']);
  });

  test('connections do not wait for each other', async () => {
    const gathered = new GatheredWrites();
    const [one, other] = [connectionWith(gathered), connectionWith(gathered)];
    one.write('a');
    await turn();
    other.write('b');
    await turn();
    expect(one.left).toEqual(['a']);
    expect(other.left).toEqual([]);
    await turn();
    expect(other.left).toEqual(['b']);
  });
});
