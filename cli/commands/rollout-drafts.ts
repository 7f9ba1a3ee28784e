import type { Command } from 'commander';
import { createRollout } from '../actions/create-rollout.ts';
import { countDraft, findRollout } from '../actions/rollouts.ts';
import { rolloutText } from '../print/rollout.ts';
import { reachText } from '../print/rollout-reach.ts';
import { paragraphs } from '../print/table.ts';
import { approve } from './approve-rollout.ts';
import { examples } from './arguments.ts';
import { countedDraft } from './counted-draft.ts';
import { type LaunchCommand, launch, readDocument } from './launch-rollout.ts';
import type { Shell } from './session.ts';

/** `rollout create`, `count`, `approve` and `launch`: from a document to the first device. */
export function addDraftCommands(rollout: Command, shell: Shell): void {
  addCreate(rollout, shell);
  addCount(rollout, shell);
  addApprove(rollout, shell);
  addLaunch(rollout, shell);
}

function addCreate(rollout: Command, shell: Shell): void {
  rollout
    .command('create <file>')
    .description(
      'Create a draft from a document, YAML or JSON; nothing goes to any device until it is launched.',
    )
    .addHelpText('after', examples('rollout create rollout.yaml'))
    .action((file: string, _: unknown, command: Command) =>
      shell.run(command, async (session) => {
        const document = await readDocument(file);
        const client = await session.client();
        const view = await countedDraft(session, client, await createRollout(client, document));
        const nowMs = session.io.world.now();
        session.show(view, paragraphs([rolloutText(view, nowMs), reachText(view, nowMs)]));
        const next = view.approvals === undefined ? 'launch' : 'approve';
        session.note(`next: evenkeel rollout ${next} ${view.rollout}\n`);
      }),
    );
}

function addCount(rollout: Command, shell: Shell): void {
  rollout
    .command('count <id>')
    .description(
      'Count again whom a draft would reach: devices that were registered, tagged or updated since it was made are not in its count. ' +
        'Of a tenant 20 drafts are counted one after the other, then one in 3 minutes.',
    )
    .addHelpText('after', examples('rollout count last'))
    .action((id: string, _: unknown, command: Command) =>
      shell.run(command, async (session) => {
        const client = await session.client();
        const asked = await countDraft(client, await findRollout(client, id));
        const view = await countedDraft(session, client, asked);
        const nowMs = session.io.world.now();
        session.show(view, paragraphs([rolloutText(view, nowMs), reachText(view, nowMs)]));
      }),
    );
}

function addApprove(rollout: Command, shell: Shell): void {
  rollout
    .command('approve <id>')
    .description(
      'Approve a draft whose document asks for approvals, as somebody else than who created it. Shows the whole document and asks, ' +
        'unless --yes is given; what is approved is what was shown.',
    )
    .option('--yes', 'do not ask')
    .addHelpText('after', examples('rollout approve last'))
    .action((id: string, options: { yes?: boolean }, command: Command) =>
      shell.run(command, (session) => approve(session, id, options.yes ?? false)),
    );
}

function addLaunch(rollout: Command, shell: Shell): void {
  rollout
    .command('launch <file-or-id>')
    .description(
      'Create a rollout from a document and launch it, or launch a draft. Asks before it does, unless --yes is given.',
    )
    .option('--yes', 'do not ask')
    .option(
      '--once',
      'launch nothing where the very same document was launched before, and show that rollout, whatever became of it (but one of a revoked release is refused); of two at the same moment both launch',
    )
    .addHelpText(
      'after',
      examples(
        'rollout launch rollout.yaml',
        'rollout launch last --yes',
        'rollout launch rollout.yaml --yes --once --json',
      ),
    )
    .action((what: string, options: LaunchCommand, command: Command) =>
      shell.run(command, (session) => launch(session, what, options)),
    );
}
