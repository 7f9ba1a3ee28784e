import type { Command } from 'commander';
import { pushRelease } from '../actions/push-release.ts';
import type { ArtifactFile } from '../actions/read-artifact.ts';
import {
  listReleases,
  parseReleaseName,
  publishRelease,
  revokeRelease,
  showProduct,
  showRelease,
} from '../actions/releases.ts';
import { rolloutsOfRelease } from '../actions/signed-releases.ts';
import { keyNamed } from '../actions/signing-keys.ts';
import type { ApiClient } from '../api-client.ts';
import { FailedError, UsageError } from '../errors.ts';
import { readNamedFile } from '../files.ts';
import { pushProgress } from '../print/push-progress.ts';
import { releasesText, releaseText } from '../print/release.ts';
import { examples, repeated, whole } from './arguments.ts';
import { tellMore } from './more.ts';
import type { Session, Shell } from './session.ts';

const MOST_RELEASES = 10_000;

interface PushOptions {
  readonly product: string;
  readonly version: string;
  readonly sequence: number | 'auto';
  readonly key: string;
  readonly hardware?: string;
  readonly artifact?: readonly string[];
  readonly fromMin?: string;
  readonly timeout: number;
}

interface ListOptions {
  readonly product: string;
  readonly key?: string;
  readonly limit: number;
}

const MOST_SEQUENCE = 2_147_483_647;

/** `release`: signed firmware, from a file to published, and back. */
export function addReleaseCommands(program: Command, shell: Shell): void {
  const release = program
    .command('release')
    .summary('signed firmware: push, publish, revoke')
    .description('Signed firmware. A release is named PRODUCT/VERSION.');
  release
    .command('push [file]')
    .description(
      'Sign firmware, upload it and wait until the backend has verified it. The same command again takes up a release ' +
        'whose upload was interrupted: what the backend has is not sent again. One file per hardware: FILE for one, --artifact for several.',
    )
    .requiredOption('--product <name>', 'product')
    .requiredOption('--version <version>', 'SemVer version of the release')
    .option('--sequence <n>', 'number above the last release; auto: the next one', readSequence, 'auto')
    .requiredOption('--key <file>', 'private key that signs, from "key create"')
    .option('--hardware <id>', 'what FILE is built for (default: the only hardware of the product)')
    .option('--artifact <id=file>', 'a file and the hardware it is built for; again for more', repeated)
    .option('--from-min <version>', 'lowest version that it may be installed from')
    .option('--timeout <seconds>', 'how long to wait for the verdict', whole(1, 86_400), 300)
    .addHelpText(
      'after',
      examples(
        'release push cam.bin --product cam --version 2.1.0 --hardware cam-rev-b --key cam.key.pem',
        'release push --artifact cam-rev-b=b.bin --artifact cam-rev-c=c.bin --product cam --version 2.1.0 --sequence 7 --key cam.key.pem',
      ),
    )
    .action((file: string | undefined, options: PushOptions, command: Command) =>
      shell.run(command, (session) => push(session, file, options)),
    );
  release
    .command('show <release>')
    .description('Show a release and the state of its artifacts.')
    .addHelpText('after', examples('release show cam/2.1.0'))
    .action((name: string, _: unknown, command: Command) =>
      shell.run(command, async (session) => {
        const client = await session.client();
        const id = parseReleaseName(name);
        const view = await showRelease(client, id);
        const { keys } = await showProduct(client, id.product);
        session.show(view, releaseText(view, keys));
      }),
    );
  release
    .command('list')
    .description('List the releases of a product, newest first.')
    .requiredOption('--product <name>', 'product')
    .option('--key <name>', 'only those that this key of the product has signed')
    .option('--limit <n>', 'at most so many', whole(1, MOST_RELEASES), 50)
    .addHelpText('after', examples('release list --product cam', 'release list --product cam --key main'))
    .action((options: ListOptions, command: Command) =>
      shell.run(command, (session) => list(session, options)),
    );
  release
    .command('publish <release>')
    .description(
      'Publish a verified release, so that it may be rolled out. Nothing goes to any device by this alone.',
    )
    .addHelpText('after', examples('release publish cam/2.1.0'))
    .action((name: string, _: unknown, command: Command) =>
      shell.run(command, async (session) => {
        const view = await publishRelease(await session.client(), parseReleaseName(name));
        session.show(view, releaseText(view));
      }),
    );
  release
    .command('revoke <release>')
    .description(
      'Withdraw a release for good, and wait until no offer and no permit can follow. Its rollouts are aborted; devices that run it already ' +
        'keep it until they get another one.',
    )
    .requiredOption('--reason <text>', 'why, for the audit log')
    .addHelpText('after', examples('release revoke cam/2.1.0 --reason "bricks rev c after a cold start"'))
    .action((name: string, options: { reason: string }, command: Command) =>
      shell.run(command, async (session) => {
        const client = await session.client();
        const view = await revokeRelease(client, parseReleaseName(name), options.reason);
        session.show(view, releaseText(view));
        for (const { rollout } of await rolloutsOfRelease(client, view.release))
          session.note(`who has it: evenkeel rollout devices ${rollout} --end good\n`);
      }),
    );
}

async function push(session: Session, file: string | undefined, options: PushOptions): Promise<void> {
  const { product, version, sequence, fromMin } = options;
  const privateKeyPem = await readNamedFile(options.key, 'the private key');
  const client = await session.client();
  const artifacts = await artifactsOf(file, options, client);
  const progress = session.json ? undefined : pushProgress(session.io);
  const push = {
    product,
    version,
    sequence,
    artifacts,
    privateKeyPem,
    fromMin,
    verdictTimeoutMs: options.timeout * 1000,
  };
  try {
    const view = await pushRelease(client, push, progress?.show);
    session.show(view, releaseText(view));
    if (view.state === 'verified') session.note(`next: evenkeel release publish ${view.release}\n`);
  } finally {
    progress?.end();
  }
}

async function list(session: Session, { product, key, limit }: ListOptions): Promise<void> {
  const client = await session.client();
  const { keys } = await showProduct(client, product);
  const keyId = key === undefined ? undefined : keyNamed({ product, keys }, key).keyId;
  const all = await listReleases(client, product, keyId === undefined ? limit : MOST_RELEASES);
  if (keyId !== undefined && all.some((one) => one.keyId === undefined)) {
    throw new FailedError(
      'this backend does not say who has signed a release',
      'Its audit log does: evenkeel audit --product NAME --json.',
    );
  }
  const releases = all.filter((one) => keyId === undefined || one.keyId === keyId).slice(0, limit);
  const none = key === undefined ? 'no release yet\n' : `no release that ${key} has signed\n`;
  session.show({ releases }, releases.length === 0 ? none : releasesText(releases, keys));
  tellMore(session, releases.length, limit, MOST_RELEASES);
}

function readSequence(value: string): number | 'auto' {
  return value === 'auto' ? value : whole(1, MOST_SEQUENCE)(value);
}

async function artifactsOf(
  file: string | undefined,
  { artifact = [], hardware, product }: PushOptions,
  client: ApiClient,
): Promise<ArtifactFile[]> {
  if (file === undefined) {
    if (hardware !== undefined)
      throw new UsageError('--hardware needs FILE: release push FILE --hardware ID');
    if (artifact.length === 0) throw new UsageError('give FILE, or --artifact ID=FILE once or more');
  }
  const several = artifact.map((text) => {
    const at = text.indexOf('=');
    if (at < 1 || at === text.length - 1) throw new UsageError(`--artifact ${text} must be ID=FILE`);
    return { hardware: text.slice(0, at), file: text.slice(at + 1) };
  });
  if (file === undefined) return several;
  const id = hardware ?? (await onlyHardware(client, product));
  return [{ hardware: id, file }, ...several];
}

async function onlyHardware(client: ApiClient, product: string): Promise<string> {
  const { hardware } = await showProduct(client, product);
  const [only, ...others] = hardware;
  if (only !== undefined && others.length === 0) return only;
  throw new UsageError(`say what FILE is built for: --hardware with one of ${hardware.join(', ')}`);
}
