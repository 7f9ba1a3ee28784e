import { writeFileSync } from 'node:fs';
import { BUDGETS_FILE, type Budgets, budgetFor } from './budget.ts';
import type { PackagedStack } from './package-stacks.ts';
import { functionsIn } from './packaged-functions.ts';

/** Gives every bundle a budget a little above its size; throws when a stack was not packaged, because its budgets would be lost. */
export function acceptSizes(stacks: readonly PackagedStack[]): void {
  const budgets: Budgets = Object.fromEntries(
    stacks
      .map(({ name, folder, complaints }) => {
        if (complaints.length > 0) throw new Error(`${name} was not packaged: no size can be accepted`);
        const own = functionsIn(folder).map(({ key, bundle }) => [key, budgetFor(bundle)] as const);
        return [name, Object.fromEntries(own)] as const;
      })
      .filter(([, own]) => Object.keys(own).length > 0),
  );
  writeFileSync(BUDGETS_FILE, `${JSON.stringify(budgets, null, 2)}\n`);
}
