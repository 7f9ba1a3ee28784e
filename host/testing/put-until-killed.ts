import { openBuckets } from '#host/bucket/buckets.ts';
import { realWorld } from '#shared/world/real-world.ts';

// A process to be killed: puts objects into the bucket `firmware` of the directory it is given, and writes the key of each
// to standard output once it is stored, and `told <key>` once its creation was recorded.
const [directory = ''] = process.argv.slice(2);
const buckets = await openBuckets({
  directory,
  buckets: ['firmware'],
  baseUrl: 'http://localhost',
  world: realWorld,
  onObjectCreated: async ({ key }) => {
    process.stdout.write(`told ${key}\n`);
  },
  onFault: (error) => {
    throw error;
  },
});
const { bucket } = buckets.of('firmware');
async function putInTurn(lane: number): Promise<void> {
  for (let at = 0; ; at++) {
    const key = `lane-${lane}/${at}`;
    await bucket.put(key, new Uint8Array(10_000).fill(at));
    process.stdout.write(`stored ${key}\n`);
  }
}
await Promise.all([putInTurn(1), putInTurn(2), putInTurn(3)]);
