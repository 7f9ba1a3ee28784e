import { isDeepStrictEqual, parseArgs } from 'node:util';
import { CONTRACTS } from '#shared/contracts/catalogue.ts';
import { breaksSince, commit, committedPart, partOf } from './committed.ts';
import { tellBreaks } from './tell-breaks.ts';

/**
 * `npm run contracts`: commits what the contracts say today, where it breaks nobody. Ends with 1, and writes nothing, when
 * something does; `--accept NAME` takes a break of that contract, for as long as nobody speaks it.
 */
const { values } = parseArgs({ options: { accept: { type: 'string', multiple: true, default: [] } } });
const accepted = new Set(values.accept);
const unknown = [...accepted].filter((name) => CONTRACTS.every((contract) => contract.name !== name));
const breaks = CONTRACTS.flatMap((contract) => {
  const before = committedPart(contract);
  if (before === undefined || accepted.has(contract.name)) return [];
  const found = breaksSince(before, contract);
  return found.length === 0 ? [] : [tellBreaks(contract, found)];
});
if (unknown.length > 0) {
  process.stderr.write(`evenkeel: there is no contract ${unknown.join(', ')}\n`);
  process.exitCode = 1;
} else if (breaks.length > 0) {
  process.stderr.write(`${breaks.join('\n\n')}\n`);
  process.exitCode = 1;
} else {
  const changed = CONTRACTS.filter((contract) => {
    const before = committedPart(contract);
    return !isDeepStrictEqual(partOf(contract, accepted.has(contract.name) ? undefined : before), before);
  });
  commit(CONTRACTS, accepted);
  for (const { name, part, version } of changed) process.stdout.write(`${name} v${version} ${part}\n`);
  process.stdout.write(`${changed.length} of ${CONTRACTS.length} parts of contracts were committed anew\n`);
}
