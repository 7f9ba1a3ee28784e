import type { Command } from 'commander';
import { addHardware, createProduct, listProducts, showProduct } from '../actions/releases.ts';
import { productsText, productText } from '../print/release.ts';
import { examples, list, whole } from './arguments.ts';
import { tellMore } from './more.ts';
import type { Shell } from './session.ts';

const MOST_PRODUCTS = 10_000;

/** `product`: a line of devices. */
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
}
