import type { Queue } from '#shared/capabilities/queue.ts';
import { operator } from '#shared/contracts/actor.ts';
import type { RolloutView } from '#shared/contracts/api/rollouts.ts';
import { RefusedError } from '#shared/errors/errors.ts';
import type { Call } from '#shared/lambda/call.ts';
import type { HttpRequest } from '#shared/lambda/on-http.ts';
import { firstProgress } from '../../domain/advance/progress.ts';
import { parseDocument } from '../../domain/document/parse-document.ts';
import { splitRelease } from '../../domain/document/rollout-document.ts';
import { askForPreview } from '../../steps/ask-for-preview.ts';
import { type ControlNeeds, showRollout } from '../../steps/control-rollout.ts';
import { refuseSecondHoldOut } from '../../steps/hold-back.ts';
import type { PreviewStore } from '../../stores/preview-store.ts';
import type { ReleaseStore } from '../../stores/release-store.ts';

interface Needs extends ControlNeeds {
  readonly releases: ReleaseStore;
  readonly previews: PreviewStore;
  readonly members: Queue;
}

type Request = HttpRequest<unknown, unknown, { document: string | Record<string, unknown> }>;

/** Keeps a draft of a document that can be obeyed to the letter, for a release that is published. */
export async function createRollout(
  { caller, body }: Request,
  needs: Needs,
  call: Call,
): Promise<RolloutView> {
  const document = parseDocument(body.document);
  const { product, version } = splitRelease(document.release);
  const { tenant } = caller;
  const release = await needs.releases.read(tenant, product, version);
  if (release === undefined)
    throw new RefusedError('release', `${document.release} must be a published release`);
  if (release.revoked) throw new RefusedError('release', `${document.release} has been revoked`);
  if (document.holdOut !== undefined) await refuseSecondHoldOut(release, document, needs.reader);
  const nowMs = needs.clock.now();
  const rollout = needs.ids.next();
  const createdBy = operator(caller.name);
  const record = { rollout, tenant, product, version, document, createdAtMs: nowMs, createdBy };
  await needs.control.create(record, firstProgress(nowMs), needs.ids.next());
  await askForPreview(record, needs, call);
  return showRollout(tenant, rollout, needs);
}
