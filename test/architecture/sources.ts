import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');
const FOLDERS = ['services', 'shared', 'host', 'device', 'cli', 'bench', 'demo', 'build', 'docs', 'test'];

/** A file of ours; its path from the root of the repository. */
export interface Source {
  readonly file: string;
  readonly text: string;
}

/** All TypeScript of the repository. */
export function sources(): Source[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(path.join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map(({ parentPath, name }) => {
        const file = path.join(parentPath, name);
        return { file: path.relative(ROOT, file), text: readFileSync(file, 'utf8') };
      }),
  );
}
