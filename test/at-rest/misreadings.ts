import { committedSamples } from './committed.ts';
import type { Kind } from './kind.ts';
import { meaningOf } from './sample.ts';
import { changesOf } from './still-means.ts';

const MOST_TOLD = 5;

/** What the code of today takes for something else than when it was written, each as a text that says what to do. */
export async function misreadings(kind: Kind): Promise<string[]> {
  const told = [];
  for (const [at, { since, what, means }] of committedSamples(kind).entries()) {
    const changes = changesOf(means, await meaningOf(kind, what));
    if (changes.length > 0)
      told.push(
        [
          `${kind.name}, sample ${at}: what builds since ${since} have written is read as something else`,
          ...changes.slice(0, MOST_TOLD).map((change) => `  ${change}`),
          'Read the older shape too (docs/contracts.md), or, where what it means has changed on purpose, accept it by name:',
          `npm run at-rest -- --accept ${kind.name}`,
        ].join('\n'),
      );
  }
  return told;
}
