import { stat } from 'node:fs/promises';
import type { RolloutView } from '#shared/contracts/api/rollouts.ts';
import { createRollout } from '../actions/create-rollout.ts';
import { findRollout, launchRollout, showRollout } from '../actions/rollouts.ts';
import type { ApiClient } from '../api-client.ts';
import { FailedError, UsageError } from '../errors.ts';
import { hasCode, readNamedFile } from '../files.ts';
import { facts } from '../print/table.ts';
import type { Session } from './session.ts';

/** The API takes a document of at most so many characters. */
const MOST_DOCUMENT_CHARACTERS = 65_536;

/** A rollout's document as text; the backend reads YAML and JSON itself, so that every way in means the same. */
export async function readDocument(file: string): Promise<string> {
  const text = await readNamedFile(file, 'the rollout document');
  if (text.length <= MOST_DOCUMENT_CHARACTERS) return text;
  throw new UsageError(
    `${file} is longer than the ${MOST_DOCUMENT_CHARACTERS} characters that a document may have`,
  );
}

/** Creates a rollout from a file, or takes a draft by its id; asks; launches. */
export async function launch(session: Session, what: string, isSure: boolean): Promise<void> {
  const { ask } = session.io;
  if (!isSure && (ask === undefined || session.json)) {
    throw new UsageError('there is nobody to ask: add --yes to launch without a question');
  }
  const client = await session.client();
  const draft = await draftOf(client, what);
  session.note(preview(draft));
  if (!isSure && ask !== undefined) {
    const answer = await ask('launch it? [y/N] ');
    if (!/^y(es)?$/i.test(answer.trim())) {
      throw new FailedError(
        `not launched; the draft ${draft.rollout} is kept`,
        `Launch it later (evenkeel rollout launch ${draft.rollout}) or drop it (evenkeel rollout abort).`,
      );
    }
  }
  const view = await launchRollout(client, draft.rollout);
  session.show(view, `launched ${view.rollout}: ${view.release}, halts at ${view.haltsAt}\n`);
  session.note(`next: evenkeel rollout watch ${view.rollout}\n`);
}

async function draftOf(client: ApiClient, what: string): Promise<RolloutView> {
  if (await isFile(what)) return createRollout(client, await readDocument(what));
  if (/[./\\]/.test(what)) throw new UsageError(`there is no file ${what}`);
  return showRollout(client, await findRollout(client, what));
}

/** What will go where, before anybody says yes. */
function preview(view: RolloutView): string {
  const { document, stages } = view;
  const selector =
    document instanceof Object && 'selector' in document ? String(document.selector) : undefined;
  return facts([
    ['rollout', view.rollout],
    ['release', view.release],
    ['selector', selector],
    ['stages', stages.map(({ name }) => name).join(', ')],
    ['halts at', view.haltsAt],
  ]);
}

async function isFile(name: string): Promise<boolean> {
  try {
    return (await stat(name)).isFile();
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
}
