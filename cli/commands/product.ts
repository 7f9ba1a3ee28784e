import type { Command } from 'commander';
import { addHardware, createProduct, listProducts, showProduct } from '../actions/releases.ts';
import { releasesSignedBy } from '../actions/signed-releases.ts';
import { addSigningKey, createSigningKey, withdrawSigningKey } from '../actions/signing-keys.ts';
import { readNamedFile } from '../files.ts';
import { productsText, productText, signedText } from '../print/release.ts';
import { paragraphs } from '../print/table.ts';
import { examples, list, whole } from './arguments.ts';
import { tellMore } from './more.ts';
import type { Shell } from './session.ts';

const MOST_PRODUCTS = 10_000;

interface WithdrawOptions {
  readonly product: string;
  readonly name: string;
  readonly reason: string;
  readonly leaveNone?: boolean;
}

/** `product` and `key`: a line of devices, and who may sign for it. */
export function addProductCommands(program: Command, shell: Shell): void {
  const product = program
    .command('product')
    .summary('a line of devices that share firmware')
    .description('A line of devices that share firmware.');
  product
    .command('create <name>')
    .description('Create a product with the hardware ids that its releases are built for.')
    .requiredOption('--hardware <ids>', 'hardware ids, separated by commas', list)
    .addHelpText('after', examples('product create cam --hardware cam-rev-b,cam-rev-c'))
    .action((name: string, { hardware }: { hardware: readonly string[] }, command: Command) =>
      shell.run(command, async (session) => {
        const view = await createProduct(await session.client(), { product: name, hardware });
        session.show(view, productText(view));
      }),
    );
  product
    .command('add-hardware <name>')
    .description('Add hardware ids to a product, such as a new revision of a board; none is ever taken away.')
    .requiredOption('--hardware <ids>', 'hardware ids, separated by commas', list)
    .addHelpText('after', examples('product add-hardware cam --hardware cam-rev-d'))
    .action((name: string, { hardware }: { hardware: readonly string[] }, command: Command) =>
      shell.run(command, async (session) => {
        const view = await addHardware(await session.client(), { product: name, hardware });
        session.show(view, productText(view));
      }),
    );
  product
    .command('list')
    .description('List products in order of name, with how many signing keys each trusts.')
    .option('--limit <n>', 'at most so many', whole(1, MOST_PRODUCTS), 50)
    .addHelpText('after', examples('product list'))
    .action(({ limit }: { limit: number }, command: Command) =>
      shell.run(command, async (session) => {
        const products = await listProducts(await session.client(), limit);
        const none = 'no product yet: evenkeel product create NAME --hardware IDS\n';
        session.show({ products }, products.length === 0 ? none : productsText(products));
        tellMore(session, products.length, limit, MOST_PRODUCTS);
      }),
    );
  product
    .command('show <name>')
    .description('Show a product, its signing keys and its last sequence number.')
    .addHelpText('after', examples('product show cam'))
    .action((name: string, _: unknown, command: Command) =>
      shell.run(command, async (session) => {
        const view = await showProduct(await session.client(), name);
        session.show(view, productText(view));
      }),
    );
  const key = program
    .command('key')
    .summary('keys that sign releases')
    .description('Keys that sign releases. The private key stays here: the backend never sees it.');
  key
    .command('create')
    .description(
      'Make an Ed25519 key pair and tell the product of the public one. Writes two new files: the private key, for whoever signs ' +
        '(mode 0600), and beside it the public one, NAME.pub.pem, for devices.',
    )
    .requiredOption('--product <name>', 'product that the key signs for')
    .requiredOption('--name <name>', 'name of the key')
    .option('--out <file>', 'file for the private key (default: PRODUCT.key.pem)')
    .addHelpText('after', examples('key create --product cam --name main --out cam.key.pem'))
    .action((options: { product: string; name: string; out?: string }, command: Command) =>
      shell.run(command, async (session) => {
        const { product: of, name, out: file = `${of}.key.pem` } = options;
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
