import { versionsSideBySide } from '../simulation/faults/deployment.ts';
import type { Kept } from '../simulation/faults/witness.ts';
import type { Task } from '../simulation/workers/messages.ts';
import { Pool } from '../simulation/workers/pool.ts';

/**
 * Lives the histories of these seeds through, with the functions and the agents of this version alone, and hands over all that was kept
 * anywhere on the way. Rejects when one of them is not as it must be.
 */
export async function live(seeds: readonly string[], jobs: number, saw: (kept: Kept) => void): Promise<void> {
  const pool = new Pool(jobs);
  const waiting = seeds.map(
    (seed): Task => ({
      seed,
      limits: {},
      without: [versionsSideBySide.name],
      withLines: false,
      withKept: true,
    }),
  );
  try {
    await pool.run(
      () => waiting.shift(),
      ({ seed, violation, kept = [] }) => {
        if (violation !== undefined) throw new Error(`seed ${seed} of the simulation: ${violation}`);
        for (const one of kept) saw(one);
        return false;
      },
    );
  } finally {
    pool.close();
  }
}
