import type { Command } from 'commander';
import { auditEntryOf, readAudit, readSealKey, verifiedAudit } from '../actions/audit.ts';
import { findRollout } from '../actions/rollouts.ts';
import { UsageError } from '../errors.ts';
import { auditText, verdictText } from '../print/audit.ts';
import { examples, repeated } from './arguments.ts';
import type { Session, Shell } from './session.ts';

interface AuditOptions {
  readonly verify?: boolean;
  readonly key?: readonly string[];
}

/** `audit`: who decided what about a rollout, and whether the log is what was written down. */
export function addAuditCommand(program: Command, shell: Shell): void {
  program
    .command('audit')
    .summary('who decided what about a rollout, and whether the log still says so')
    .description(
      'Who decided what about a rollout, people and Evenkeel itself, oldest first. Within a minute each decision is under a seal: a ' +
        'signed list of digests that names the seal before it. --verify reads the whole chain and finds entries that were ' +
        'changed, removed or slipped in, and seals that were; it exits with 1 when it does.',
    )
    .argument('<rollout>', 'id of the rollout, a part that it begins or ends with, or last')
    .option('--verify', 'hold the log against its seals')
    .option(
      '--key <file>',
      'a public key (PEM) that may have sealed; again for more. Without it those that the backend names are believed',
      repeated,
    )
    .addHelpText(
      'after',
      examples('audit last', 'audit last --verify', 'audit last --verify --key seal.pub.pem'),
    )
    .action((id: string, options: AuditOptions, command: Command) =>
      shell.run(command, (session) => audit(session, id, options)),
    );
}

async function audit(
  session: Session,
  id: string,
  { verify = false, key = [] }: AuditOptions,
): Promise<void> {
  if (key.length > 0 && !verify) throw new UsageError('--key is for --verify');
  const trusted = await Promise.all(key.map(readSealKey));
  const client = await session.client();
  const rollout = await findRollout(client, id);
  if (!verify) {
    const entries = (await readAudit(client, rollout)).map(auditEntryOf);
    session.show({ rollout, entries }, auditText(entries));
    return;
  }
  const nowMs = session.io.world.now();
  session.note('reading the chain of seals\n');
  const { texts, verdict } = await verifiedAudit(client, rollout, trusted, nowMs);
  const entries = texts.map(auditEntryOf);
  session.show({ rollout, entries, ...verdict }, `${auditText(entries)}\n${verdictText(verdict, nowMs)}`);
  if (verdict.faults.length > 0) session.endWith(1);
}
