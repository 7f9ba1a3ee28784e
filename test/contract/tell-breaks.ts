import type { Contract } from '#shared/contracts/contract.ts';
import type { Break } from './compare/breaks.ts';

/** What a person is told whose change breaks a contract: who, where, and what there is to do. */
export function tellBreaks(contract: Contract, breaks: readonly Break[]): string {
  const { name, part, version } = contract;
  const title = part === 'message' ? `${name} v${version}` : `${name} v${version} (${part})`;
  return [
    `${title} breaks ${whoBreaks(contract)}`,
    ...breaks.map(({ at, rule }) => `  ${at === '' ? 'the message' : at}: ${rule}`),
    `Leave v${version} as it is and put v${version + 1} beside it (docs/contracts.md), or, while nobody speaks it yet,`,
    `accept the break by name: npm run contracts -- --accept ${name}`,
  ].join('\n');
}

function whoBreaks({ direction, producers, consumers }: Contract): string {
  const [from, to] = [producers.join(', '), consumers.join(', ')];
  if (direction === 'in') return `${from}: what they send would be refused or not heard by ${to}`;
  if (direction === 'out') return `${to}: they could not read, or would miss, what ${from} sends`;
  return `${to}: they are not deployed at the same moment as ${from}, and yesterday's messages still wait`;
}
