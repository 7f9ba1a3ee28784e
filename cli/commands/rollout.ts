import type { Command } from 'commander';
import { addControlCommands } from './rollout-controls.ts';
import { addDraftCommands } from './rollout-drafts.ts';
import { addReportsCommand } from './rollout-reports.ts';
import { addViewCommands } from './rollout-views.ts';
import type { Shell } from './session.ts';
import { addWatchCommand } from './watch-rollout.ts';

const ID = 'id of the rollout, 4 or more characters that it begins or ends with, or last';

/** `rollout`: one release going to devices, stage by stage. */
export function addRolloutCommands(program: Command, shell: Shell): void {
  const rollout = program
    .command('rollout')
    .summary('one release going to devices, stage by stage')
    .description(
      'One release going to devices, stage by stage. ID may be 4 or more characters that the id begins or ends with, or "last".',
    );
  addDraftCommands(rollout, shell);
  addViewCommands(rollout, shell);
  addReportsCommand(rollout, shell);
  addWatchCommand(rollout, shell);
  addControlCommands(rollout, shell);
  for (const command of rollout.commands) {
    const [argument] = command.registeredArguments;
    if (argument?.name() === 'id') argument.description = ID;
  }
}
