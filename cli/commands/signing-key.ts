import type { Command } from 'commander';
import { releasesSignedBy } from '../actions/signed-releases.ts';
import { addSigningKey, createSigningKey, withdrawSigningKey } from '../actions/signing-keys.ts';
import { readNamedFile } from '../files.ts';
import { productText, signedText } from '../print/release.ts';
import { paragraphs } from '../print/table.ts';
import { examples } from './arguments.ts';
import type { Shell } from './session.ts';

interface WithdrawOptions {
  readonly product: string;
  readonly name: string;
  readonly reason: string;
  readonly leaveNone?: boolean;
}

/** Where the private key goes unless told: a second key of a product finds the file of the first one there. */
const defaultFile = ({ product, name }: { readonly product: string; readonly name: string }): string =>
  name === 'main' ? `${product}.key.pem` : `${product}-${name}.key.pem`;

/** `key`: who may sign the releases of a product. */
export function addKeyCommands(program: Command, shell: Shell): void {
  const key = program
    .command('key')
    .summary('keys that sign releases')
    .description('Keys that sign releases. The private key stays here: the backend never sees it.');
  key
    .command('create')
    .description(
      'Make an Ed25519 key pair and tell the product of the public one. Writes two new files: the private key, for whoever signs ' +
        '(mode 0600), and beside it the public one, for devices: cam.pub.pem beside cam.key.pem.',
    )
    .requiredOption('--product <name>', 'product that the key signs for')
    .requiredOption('--name <name>', 'name of the key')
    .option(
      '--out <file>',
      'file for the private key (default: PRODUCT.key.pem for the name main, else PRODUCT-NAME.key.pem)',
    )
    .addHelpText('after', examples('key create --product cam --name main --out cam.key.pem'))
    .action((options: { product: string; name: string; out?: string }, command: Command) =>
      shell.run(command, async (session) => {
        const { product: of, name, out: file = defaultFile(options) } = options;
        const made = await createSigningKey(await session.client(), { product: of, name, file });
        session.show(
          made,
          `${of} now trusts the key "${name}" (${made.keyId})\n` +
            `the private key is in ${file}: keep it safe, there is no other copy\n` +
            `the public key is in ${made.publicFile}: devices are built with it\n`,
        );
      }),
    );
  key
    .command('add')
    .description(
      'Tell the product of a public key whose private half is somewhere else: in an HSM, or with whoever signs.',
    )
    .requiredOption('--product <name>', 'product that the key signs for')
    .requiredOption('--name <name>', 'name of the key')
    .requiredOption('--public-key <file>', 'Ed25519 public key, SPKI in PEM')
    .addHelpText('after', examples('key add --product cam --name hsm --public-key hsm.pub.pem'))
    .action((options: { product: string; name: string; publicKey: string }, command: Command) =>
      shell.run(command, async (session) => {
        const { product: of, name, publicKey } = options;
        const publicKeyPem = await readNamedFile(publicKey, 'the public key');
        const view = await addSigningKey(await session.client(), { product: of, name, publicKeyPem });
        session.show(view, productText(view));
      }),
    );
  key
    .command('withdraw')
    .description(
      'Take a key back, for ever: no release that it has signed is created or published any more. What is published already stays so: ' +
        'revoke what is not yours; it is listed. Devices go on trusting the keys that they were built with, and take nothing else: where ' +
        'this is the only key that they trust, publish a release that brings them another one before it is withdrawn. The only key that ' +
        'the product trusts is therefore withdrawn with --leave-none alone.',
    )
    .requiredOption('--product <name>', 'product that trusts the key')
    .requiredOption('--name <name>', 'name of the key')
    .requiredOption('--reason <text>', 'why, for the audit log')
    .option('--leave-none', 'also where the product trusts no other key')
    .addHelpText(
      'after',
      examples('key withdraw --product cam --name main --reason "a build machine was broken into"'),
    )
    .action((options: WithdrawOptions, command: Command) =>
      shell.run(command, async (session) => {
        const { product: of, name } = options;
        const client = await session.client();
        const { view, keyId } = await withdrawSigningKey(client, { leaveNone: false, ...options });
        const signed = await releasesSignedBy(client, of, keyId);
        const text = signed === undefined ? [] : [signedText(name, signed)];
        session.show({ ...view, ...(signed && { signed }) }, paragraphs([productText(view), ...text]));
        if (signed === undefined || signed.length > 0) {
          session.note(
            'next: evenkeel release revoke RELEASE --reason TEXT for each that is not yours: it ends its rollouts\n',
          );
        }
      }),
    );
}
