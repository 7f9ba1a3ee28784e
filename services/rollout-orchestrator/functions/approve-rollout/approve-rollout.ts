import type { Clock } from '#shared/capabilities/clock.ts';
import type { Ids } from '#shared/capabilities/ids.ts';
import { operator } from '#shared/contracts/actor.ts';
import type { RolloutView } from '#shared/contracts/api/rollouts.ts';
import { ConflictError, WrongStateError } from '#shared/errors/errors.ts';
import type { HttpRequest } from '#shared/lambda/on-http.ts';
import { tryAgain } from '#shared/retry/try-again.ts';
import { isNewApproval } from '../../domain/approval/approvals.ts';
import { digestOfDocument } from '../../domain/document/print-document.ts';
import { commandRollout } from '../../steps/control-rollout.ts';
import type { RolloutReader } from '../../steps/rollout-evidence.ts';
import type { ApprovalStore } from '../../stores/approval-store.ts';

interface Needs {
  readonly reader: RolloutReader;
  readonly approvals: ApprovalStore;
  readonly clock: Clock;
  readonly ids: Ids;
}

type Request = HttpRequest<{ rollout: string }, unknown, { documentSha256: string }>;

/** Writes down that the caller approves the document that was looked at; a repeat changes nothing. */
export function approveRollout({ caller, params, body }: Request, needs: Needs): Promise<RolloutView> {
  const { tenant } = caller;
  const { rollout } = params;
  const { documentSha256 } = body;
  const by = operator(caller.name);
  return commandRollout(tenant, rollout, needs, async ({ record, gate, approvals }) => {
    const its = { createdBy: record.createdBy, documentSha256: digestOfDocument(record.document) };
    if (!isNewApproval(approvals, { by, documentSha256 }, its)) return;
    if (gate.state !== 'draft')
      throw new WrongStateError('rollout', `cannot approve: it is ${gate.state} and no draft any more`);
    const approval = { rollout, tenant, documentSha256, by, atMs: needs.clock.now(), id: needs.ids.next() };
    const isKept = await tryAgain(needs, () => needs.approvals.add(approval));
    if (!isKept) throw new ConflictError(`rollout ${rollout} was approved or changed meanwhile`);
  });
}
