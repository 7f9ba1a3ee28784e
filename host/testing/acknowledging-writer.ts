import { realWorld } from '#shared/world/real-world.ts';
import { EmbeddedStore } from '../store/embedded-store.ts';

/**
 * A program that is there to be killed: writes to the store in the directory it is given, a row and a counter in one
 * transaction and a message, many at a time, and prints each number once both are acknowledged. With `beside` as third argument
 * it flushes as the host does; the fourth is how many bytes each row has besides, so that the log is soon long.
 */
const [, , directory = '', first = '0', flushes, fillBytes = '0'] = process.argv;
const fill = 'x'.repeat(Number(fillBytes));
const store = new EmbeddedStore({
  directory,
  world: realWorld,
  flushesBeside: flushes === 'beside',
  onFatal: (error) => {
    process.stderr.write(`${error}\n`);
    process.exit(1);
  },
});
const table = store.table({ name: 'rows', stream: true });
const queue = store.queue({ name: 'messages' });

async function acknowledge(number: number): Promise<void> {
  const transacted = table.transact(
    [
      { put: { pk: 'row', sk: `${number}`, fill } },
      { update: { pk: 'counter', sk: 'all' }, add: { count: 1 } },
    ],
    { token: `${number}` },
  );
  await Promise.all([transacted, queue.send([{ body: `${number}` }])]);
  process.stdout.write(`${number}\n`);
}

async function writeOn(from: number, step: number): Promise<void> {
  for (let number = from; ; number += step) await acknowledge(number);
}

for (let lane = 0; lane < 20; lane++) void writeOn(Number(first) + lane, 20);
