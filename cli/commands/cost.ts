import type { Command } from 'commander';
import { findRollout, rolloutCost } from '../actions/rollouts.ts';
import { costText } from '../print/cost.ts';
import { examples } from './arguments.ts';
import type { Shell } from './session.ts';

/** `cost`: what a rollout costs on AWS. */
export function addCostCommand(program: Command, shell: Shell): void {
  program
    .command('cost')
    .summary('what a rollout costs at AWS list prices')
    .description(
      'What a rollout has used since its launch at AWS list prices (US dollars, us-east-1), step by step, and what that makes ' +
        'for a million devices. On one machine every call is metered as AWS would bill it; on AWS it is reckoned from the ' +
        "rollout's own counters and what each step was measured to take. Idle checks, connections, logs and bytes stand apart.",
    )
    .argument('<rollout>', 'id of the rollout, a part that it begins or ends with, or last')
    .option('--terms', 'every term of each step')
    .addHelpText('after', examples('cost last', 'cost last --terms', 'cost last --json'))
    .action((id: string, options: { terms?: boolean }, command: Command) =>
      shell.run(command, async (session) => {
        const client = await session.client();
        const cost = await rolloutCost(client, await findRollout(client, id));
        session.show(cost, costText(cost, { terms: options.terms ?? false }));
      }),
    );
}
