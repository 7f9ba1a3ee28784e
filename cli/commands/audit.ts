import type { Command } from 'commander';
import { AUTOMATIC, operator, operatorName } from '#shared/contracts/actor.ts';
import { auditEntryOf, readAudit, readSealKey, verifiedAudit } from '../actions/audit.ts';
import { decisionsBy, SEALED_WITHIN_SECONDS } from '../actions/audit-by.ts';
import {
  type AuditSource,
  auditOfDevice,
  auditOfProduct,
  auditOfQuarantine,
  auditOfRollout,
} from '../actions/audit-sources.ts';
import { findRollout } from '../actions/rollouts.ts';
import type { ApiClient } from '../api-client.ts';
import { UsageError } from '../errors.ts';
import { auditText, decidedByText, verdictText } from '../print/audit.ts';
import { EXIT } from '../print/failure.ts';
import { examples, repeated, since } from './arguments.ts';
import type { Session, Shell } from './session.ts';

/** Progress is told each time so many seals were read: some seconds. */
const SEALS_TOLD = 5_000;
/** The same for logs of single things, each of which is a request. */
const LOGS_TOLD = 100;

interface AuditOptions {
  readonly device?: string;
  readonly product?: string;
  readonly quarantine?: string;
  readonly by?: string;
  readonly since?: number;
  readonly verify?: boolean;
  readonly key?: readonly string[];
}

/** What was asked for, as the answer in JSON names it, and its log. */
interface Asked {
  readonly name: Readonly<Record<string, string>>;
  readonly source: AuditSource;
}

/** `audit`: who decided what about a rollout, a device or a product, and whether the log is what was written down. */
export function addAuditCommand(program: Command, shell: Shell): void {
  program
    .command('audit')
    .summary('who decided what about a rollout, device or product, and whether the log still says so')
    .description(
      'Who decided what about a rollout, a device, or a product with its keys and releases, people and Evenkeel itself, oldest ' +
        'first. Within a minute each decision is under a seal: a signed list of digests that names the seal before it. --verify ' +
        'reads the whole chain and finds entries that were changed, removed or slipped in, and seals that were; it exits with 1 ' +
        'when it does.',
    )
    .argument('[rollout]', 'id of the rollout, a part that it begins or ends with, or last')
    .option('--device <id>', 'instead of a rollout: who registered, tagged or decommissioned that device')
    .option(
      '--product <name>',
      'instead of a rollout: who decided what about that product, its keys and releases',
    )
    .option(
      '--quarantine <device>',
      'instead of a rollout: when that device came into quarantine, and who released it',
    )
    .option(
      '--by <person>',
      'instead of a rollout: what that person decided, about whatever, as after a token has leaked; what is not a minute old may be missing',
    )
    .option(
      '--since <day>',
      'with --by: from that day or moment on, as 2026-12-01 or 2026-12-01T02:00:00Z',
      since,
    )
    .option('--verify', 'hold the log against its seals')
    .option(
      '--key <file>',
      'a public key (PEM) that may have sealed; again for more. Without it those that the backend names are believed',
      repeated,
    )
    .addHelpText(
      'after',
      examples(
        'audit last',
        'audit last --verify',
        'audit last --verify --key seal.pub.pem',
        'audit --device cam-0017',
        'audit --quarantine cam-0017',
        'audit --product cam --verify',
        'audit --by bob --since 2026-12-01',
      ),
    )
    .action((rollout: string | undefined, options: AuditOptions, command: Command) =>
      shell.run(command, (session) => audit(session, rollout, options)),
    );
}

async function audit(session: Session, rollout: string | undefined, options: AuditOptions): Promise<void> {
  const { device, product, quarantine, by, since: sinceMs, verify = false, key = [] } = options;
  if ([rollout, device, product, quarantine, by].filter((one) => one !== undefined).length !== 1)
    throw new UsageError('give a rollout, --device, --product, --quarantine or --by, and only one of them');
  if (by === undefined && sinceMs !== undefined) throw new UsageError('--since is for --by');
  if (by !== undefined && verify) throw new UsageError('--verify is of one rollout, device or product');
  if (key.length > 0 && !verify) throw new UsageError('--key is for --verify');
  const trusted = await Promise.all(key.map(readSealKey));
  if (by !== undefined) return auditBy(session, by, sinceMs ?? 0);
  const { name, source } = await find(await session.client(), rollout ?? '', options);
  const { about } = source;
  if (!verify) {
    const entries = (await readAudit(source)).map(auditEntryOf);
    session.show({ ...name, entries }, auditText(entries, about));
    return;
  }
  const nowMs = session.io.world.now();
  session.note('reading the chain of seals\n');
  const { texts, verdict } = await verifiedAudit(source, trusted, nowMs, toldEvery(SEALS_TOLD, session));
  const entries = texts.map(auditEntryOf);
  const text = `${auditText(entries, about)}\n${verdictText(verdict, nowMs)}`;
  session.show({ ...name, entries, ...verdict }, text);
  if (verdict.faults.length > 0) session.endWith(EXIT.failed);
}

/** What one person decided; on standard error how far the reading has come, where it is long. */
async function auditBy(session: Session, by: string, sinceMs: number): Promise<void> {
  const actor = by === AUTOMATIC || operatorName(by) !== undefined ? by : operator(by);
  session.note('reading the chains of seals\n');
  const entries = await decisionsBy(await session.client(), { actor, sinceMs }, (read, of) => {
    if (read % LOGS_TOLD === 0) session.note(`${read} of ${of} logs read\n`);
  });
  session.show(
    { by: actor, entries, mayMissLastSeconds: SEALED_WITHIN_SECONDS },
    decidedByText(entries, actor, SEALED_WITHIN_SECONDS),
  );
}

/** Tells how many seals were read whenever so many more were. */
function toldEvery(most: number, session: Session): (count: number) => void {
  let told = 0;
  return (count) => {
    if (count < told + most) return;
    told = count;
    session.note(`${count} seals read\n`);
  };
}

async function find(
  client: ApiClient,
  rollout: string,
  { device, product, quarantine }: Pick<AuditOptions, 'device' | 'product' | 'quarantine'>,
): Promise<Asked> {
  if (device !== undefined) return { name: { device }, source: await auditOfDevice(client, device) };
  if (quarantine !== undefined)
    return { name: { quarantine }, source: await auditOfQuarantine(client, quarantine) };
  if (product !== undefined) return { name: { product }, source: auditOfProduct(client, product) };
  const id = await findRollout(client, rollout);
  return { name: { rollout: id }, source: auditOfRollout(client, id) };
}
