import type { Answer, Call } from '../operators/operator.ts';
import { digestOfShown } from './invariants/caution.ts';
import type { Known } from './known.ts';

// biome-ignore lint/suspicious/noExplicitAny: whoever called knows what its route takes
const bodyOf = ({ body }: Call): any => body ?? {};

/** Notes what a person asks for, whatever comes of it. */
export function noteCall(known: Known, call: Call): void {
  const { tenant, method, path, by } = call;
  const { document, documentSha256 } = bodyOf(call);
  if (method === 'DELETE' && path.startsWith('/devices/'))
    known.registered.delete(`${tenant}:${path.slice('/devices/'.length)}`);
  if (method === 'POST' && path === '/rollouts') known.asksFor(tenant, document);
  const [, advanced] = /^\/rollouts\/([0-9A-Z]{26})\/advance$/.exec(path) ?? [];
  if (advanced !== undefined) known.advanced.add(advanced);
  const [, resumed = ''] = /^\/rollouts\/([0-9A-Z]{26})\/resume$/.exec(path) ?? [];
  known.unresumed.delete(resumed);
  const [, id = ''] = /^\/rollouts\/([0-9A-Z]{26})\/approvals$/.exec(path) ?? [];
  if (id === '' || documentSha256 !== known.documents.get(id)) return;
  known.approvers.set(id, (known.approvers.get(id) ?? new Set()).add(by));
}

/** Notes what a person was answered, which must stay so; answers what is wrong with it, if anything is. */
export function noteAnswer(known: Known, call: Call, { status, body }: Answer): string | undefined {
  const { tenant, method, path } = call;
  if (method === 'POST' && path === '/devices' && status === 201) known.registered.add(body.thing);
  const lie = noteDocument(known, body);
  if (lie !== undefined || status !== 200) return lie;
  if (path.endsWith('/approvals') && bodyOf(call).documentSha256 !== known.documents.get(body.rollout))
    return `an approval of another document than that of ${body.rollout} is taken`;
  const [, withdrawn] = /^\/products\/[^/]+\/keys\/(\w+)\/withdraw$/.exec(path) ?? [];
  if (withdrawn !== undefined) known.distrusted.add(`${tenant} ${withdrawn}`);
  if (path.endsWith('/hardware'))
    for (const added of bodyOf(call).hardware) known.hardware.add(`${tenant} ${added}`);
  if (method === 'PUT' && path.endsWith('/tags'))
    known.promise(`${tenant}:${body.deviceId}`, body.tags, body.entityVersion);
  return undefined;
}

/** Notes the document that a rollout is shown with, which is never changed. */
function noteDocument(known: Known, body: Answer['body']): string | undefined {
  if (body?.rollout === undefined || body.document === undefined) return undefined;
  const digest = digestOfShown(body.document);
  const isSame = (known.documents.get(body.rollout) ?? digest) === digest;
  known.documents.set(body.rollout, digest);
  return isSame ? undefined : `the document of ${body.rollout} is another than it was`;
}
