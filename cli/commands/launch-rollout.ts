import { stat } from 'node:fs/promises';
import type { RolloutView } from '#shared/contracts/api/rollouts.ts';
import { createRollout } from '../actions/create-rollout.ts';
import { controlRollout, findRollout, launchRollout, showRollout } from '../actions/rollouts.ts';
import { launchedBefore } from '../actions/signed-releases.ts';
import type { ApiClient } from '../api-client.ts';
import { FailedError, UsageError } from '../errors.ts';
import { hasCode, readNamedFile, whyNot } from '../files.ts';
import { stateText, wasLaunched } from '../print/rollout.ts';
import { preview } from '../print/rollout-preview.ts';
import { reachText } from '../print/rollout-reach.ts';
import { paragraphs } from '../print/table.ts';
import { agreement } from './agreement.ts';
import { countedDraft } from './counted-draft.ts';
import { warnBeforeLaunch } from './launch-warnings.ts';
import type { Session } from './session.ts';

/** The API takes a document of at most so many characters. */
const MOST_DOCUMENT_CHARACTERS = 65_536;

/** What goes on with a rollout that was launched already, by its state. */
const NO_DRAFT: Readonly<Record<string, string>> = {
  running: 'Look at it: evenkeel rollout watch ID.',
  paused: 'Let it go on: evenkeel rollout resume ID --reason TEXT.',
  halted: 'Let it go on with excuses (evenkeel rollout resume --help), or launch another document.',
};

/** A rollout's document as text; the backend reads YAML and JSON itself, so that every way in means the same. */
export async function readDocument(file: string): Promise<string> {
  const text = await readNamedFile(file, 'the rollout document');
  if (text.length <= MOST_DOCUMENT_CHARACTERS) return text;
  throw new UsageError(
    `${file} is longer than the ${MOST_DOCUMENT_CHARACTERS} characters that a document may have`,
  );
}

/** How a rollout is launched. */
export interface LaunchCommand {
  /** Do not ask. */
  readonly yes?: boolean;
  /** Launch nothing where the very same document was launched before: a pipeline that is run again means the same rollout. */
  readonly once?: boolean;
}

/** Creates a rollout from a file, or takes a draft by its id; asks; launches. */
export async function launch(session: Session, what: string, options: LaunchCommand): Promise<void> {
  const agree = agreement(session, options.yes ?? false, 'launch');
  const client = await session.client();
  const isNew = await isFile(what);
  const found = isNew ? await createRollout(client, await readDocument(what)) : await named(client, what);
  if (options.once && (await isLaunched(session, client, { found, isNew }))) return;
  if (found.state !== 'draft') {
    throw new FailedError(
      `not launched: rollout ${found.rollout} is ${found.state} and no draft any more`,
      NO_DRAFT[found.state] ?? 'Launch its document anew: evenkeel rollout launch FILE.',
    );
  }
  const draft = await countedDraft(session, client, found);
  session.note(paragraphs([preview(draft), reachText(draft, session.io.world.now())]));
  await warnBeforeLaunch(session, client, draft);
  const { rollout, approvals } = draft;
  if (approvals !== undefined && approvals.missing > 0) {
    throw new FailedError(
      `not launched: ${approvals.missing} of ${approvals.needed} approvals missing; the draft ${rollout} is kept`,
      `Others than who created it have to look at it and approve it: evenkeel rollout approve ${rollout}`,
    );
  }
  await agree(
    'launch it? [y/N] ',
    `not launched; the draft ${rollout} is kept`,
    `Launch it later (evenkeel rollout launch ${rollout}) or drop it (evenkeel rollout abort).`,
  );
  const view = await launchRollout(client, rollout);
  // What a script read of the draft it need not ask for again.
  const whole = { ...view, ...(draft.preview && { preview: draft.preview }) };
  session.show(whole, `launched ${view.rollout}: ${view.release}, halts at ${view.haltsAt}\n`);
  session.note(`next: evenkeel rollout watch ${view.rollout}\n`);
}

/** Shows the rollout that was launched of the same document, if there is one, and drops the draft that was made to find that out. */
async function isLaunched(
  session: Session,
  client: ApiClient,
  { found, isNew }: { readonly found: RolloutView; readonly isNew: boolean },
): Promise<boolean> {
  const before = wasLaunched(found) ? found : await launchedBefore(client, found);
  if (before === undefined) return false;
  const { rollout, release } = before;
  if (isNew)
    await controlRollout(client, found.rollout, 'abort', `its document was launched before: ${rollout}`);
  session.show(before, `launched before: ${rollout}: ${release}, ${stateText(before)}\n`);
  session.note(`next: evenkeel rollout watch ${rollout}\n`);
  return true;
}

async function named(client: ApiClient, what: string): Promise<RolloutView> {
  if (/[./\\]/.test(what)) throw new UsageError(`there is no file ${what}`);
  return showRollout(client, await findRollout(client, what));
}

async function isFile(name: string): Promise<boolean> {
  try {
    return (await stat(name)).isFile();
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ENAMETOOLONG')) return false;
    throw new UsageError(`cannot read the rollout document from ${name}: ${whyNot(error)}`, { cause: error });
  }
}
