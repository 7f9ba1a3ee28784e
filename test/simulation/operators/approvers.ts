import { createHash } from 'node:crypto';
import type { RandomStream } from '../world/random-stream.ts';
import { type Operator, SOMEBODY } from './operator.ts';

/** A draft that waits for approvals, as the API has answered it. */
interface Waiting {
  readonly tenant: string;
  readonly draft: { readonly rollout: string; readonly approvals: { readonly documentSha256: string } };
}

const OTHERS = ['bob', 'cem', 'dee'] as const;
/** People take so long at most to look at a document. */
const LOOK_MS = 60_000;
const AGAIN_MS = 7_000;
const MOST_TRIES = 40;

/**
 * Approves a draft as people do it, and launches it: who created it tries as well, some send the digest of another document before the
 * right one, some approve twice, some at once; and somebody launches again and again meanwhile. Sometimes it is aborted on the way.
 */
export async function approveAndLaunch(
  operator: Operator,
  waiting: Waiting,
  stream: RandomStream,
): Promise<void> {
  const { tenant, draft } = waiting;
  for (const by of [SOMEBODY, ...OTHERS]) void approve(operator, waiting, by, stream);
  if (stream.happens(0.05)) {
    void operator.pause(stream.next() * LOOK_MS).then(() => abort(operator, waiting));
  }
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const { status, body } = await operator.insist(tenant, 'POST', `/rollouts/${draft.rollout}/launch`);
    if (status !== 409 || !String(body.error.rule).includes('missing')) return;
    await operator.pause(AGAIN_MS);
  }
}

/** One of several approves; every fourth comes with all the others in the same instant. */
async function approve(
  operator: Operator,
  { tenant, draft }: Waiting,
  by: string,
  stream: RandomStream,
): Promise<void> {
  const { rollout, approvals } = draft;
  const path = `/rollouts/${rollout}/approvals`;
  const send = (documentSha256: string) => operator.insist(tenant, 'POST', path, { documentSha256 }, by);
  const waitMs = stream.happens(0.25) ? LOOK_MS / 2 : stream.next() * LOOK_MS;
  const [isWrongFirst, isTwice] = [stream.happens(0.5), stream.happens(0.3)];
  await operator.pause(waitMs);
  if (isWrongFirst) {
    await send(createHash('sha256').update(rollout).digest('hex'));
    await operator.pause(waitMs);
  }
  await send(approvals.documentSha256);
  if (isTwice) await send(approvals.documentSha256);
}

async function abort(operator: Operator, { tenant, draft }: Waiting): Promise<void> {
  await operator.call(tenant, 'POST', `/rollouts/${draft.rollout}/abort`, { reason: 'second thoughts' });
}
