import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Contract } from '#shared/contracts/contract.ts';
import { type Break, breaksOf } from './compare/breaks.ts';
import { type JsonSchema, jsonSchemaOf } from './compare/json-schema.ts';
import { printJson } from './print-json.ts';

/** What was agreed on of one part of a contract: the schema, and the examples that its other side goes by. */
export interface CommittedPart {
  readonly direction: Contract['direction'];
  readonly producers: readonly string[];
  readonly consumers: readonly string[];
  readonly schema: JsonSchema;
  readonly examples: Readonly<Record<string, unknown>>;
}

/** A committed file: its parts by name. */
type CommittedContract = Readonly<Partial<Record<Contract['part'], CommittedPart>>>;

const FOLDER = path.join(import.meta.dirname, 'committed');

/** File of a contract, from the folder of the committed ones: `device/check.v1.json`. */
export const fileOf = ({ name, version }: Pick<Contract, 'name' | 'version'>): string =>
  `${name}.v${version}.json`;

/** Every committed file. */
export function committedFiles(): string[] {
  if (!existsSync(FOLDER)) return [];
  return readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.replaceAll(path.sep, '/'))
    .sort();
}

/** What is committed of that part; `undefined` when it is new. */
export function committedPart(contract: Contract): CommittedPart | undefined {
  const file = path.join(FOLDER, fileOf(contract));
  if (!existsSync(file)) return undefined;
  const parts: CommittedContract = JSON.parse(readFileSync(file, 'utf8'));
  return parts[contract.part];
}

/** What would be committed of that part today; examples that were committed before stay. */
export function partOf(contract: Contract, before?: CommittedPart): CommittedPart {
  const { direction, producers, consumers, schema, examples } = contract;
  const made = {
    direction,
    producers,
    consumers,
    schema: jsonSchemaOf(schema),
    examples: { ...examples, ...before?.examples },
  };
  // Through JSON, as it will be read: what is `undefined` is not there.
  return JSON.parse(JSON.stringify(made));
}

/** What breaks somebody who goes by what is committed: a changed schema, and examples that are not what they were. */
export function breaksSince(before: CommittedPart, contract: Contract): Break[] {
  const today = partOf(contract);
  const changed = Object.entries(today.examples)
    .filter(
      ([name, example]) => name in before.examples && !isDeepStrictEqual(example, before.examples[name]),
    )
    .map(([name]) => ({
      at: '',
      rule: `the example ${name} is another one: give the new one a name of its own`,
    }));
  return [...breaksOf(contract.direction, before.schema, today.schema), ...changed];
}

/** Writes the contracts' files; removes none, because a version that is not spoken any more is retired by a person. */
export function commit(contracts: readonly Contract[], accepted: ReadonlySet<string>): void {
  const files = new Map<string, Record<string, CommittedPart>>();
  for (const contract of contracts) {
    const file = fileOf(contract);
    const before = accepted.has(contract.name) ? undefined : committedPart(contract);
    files.set(file, { ...files.get(file), [contract.part]: partOf(contract, before) });
  }
  for (const [file, parts] of files) {
    const target = path.join(FOLDER, file);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, `${printJson(parts)}\n`);
  }
}
