import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');
const SERVICES = path.join(ROOT, 'services');
/** Where rows are laid out, by whose they are. */
const FOLDERS: readonly (readonly [whose: string, folder: string])[] = [
  ...readdirSync(SERVICES).map((service) => [service, path.join(SERVICES, service, 'stores')] as const),
  ['shared', path.join(ROOT, 'shared/audit')],
  ['shared', path.join(ROOT, 'shared/outbox')],
];

/** Declarations at the left margin begin so. */
const BEGIN = /^(?=(?:export )?(?:const|function|class) )/m;
const NAME = /^(?:export )?(?:const|function|class) (\w+)/;
/** A sort key that is made there, and neither a type, nor one that was read, nor one taken apart. */
const MADE = /\bsk: (?!string\b|String\(|_|z\.)/;

/** Everything in stores that says where rows lie, as `<service or shared> <name>`: found by the sort keys in their text. */
export const placesOfRows = (): string[] =>
  [
    ...new Set(
      FOLDERS.flatMap(([whose, folder]) =>
        readdirSync(folder)
          .filter((file) => /(?<!\.test)\.ts$/.test(file))
          .flatMap((file) => readFileSync(path.join(folder, file), 'utf8').split(BEGIN))
          .filter((text) => MADE.test(text))
          .map((text) => `${whose} ${NAME.exec(text)?.[1]}`),
      ),
    ),
  ].sort();
