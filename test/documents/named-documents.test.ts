import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';

const ROOT = path.resolve(import.meta.dirname, '../..');
const TEXT = /\.(ts|cjs|md|yml|yaml)$/;
/** A file name on its own, or with folders before it: `docs/rollouts.md`, `../../docs/operations.md`. */
const NAMED = /(?<![\w/.-])(?:[\w.-]+\/)*[\w-]+\.md\b/g;
/** What is not ours: installed, made by a run, or hidden. */
const NOT_OURS = /^(node_modules|data|coverage|\..*)$/;

const files = readdirSync(ROOT, { withFileTypes: true })
  .filter(({ name }) => !NOT_OURS.test(name))
  .flatMap((top) =>
    top.isFile()
      ? [top.name]
      : readdirSync(path.join(ROOT, top.name), { recursive: true, encoding: 'utf8' }).map((file) =>
          path.join(top.name, file),
        ),
  )
  .filter((file) => TEXT.test(file));

/** A document that is named in `file` lies beside it, or is named from the root. */
function isThere(file: string, named: string): boolean {
  return [path.dirname(file), '.'].some((folder) => existsSync(path.join(ROOT, folder, named)));
}

describe('documents that are named', () => {
  test('are looked for in the whole repository', () => {
    expect(files).toEqual(expect.arrayContaining(['README.md', 'docs/rollouts.md', 'demo/main.ts']));
  });

  test('are there, whether a comment or another document names them', () => {
    const missing = files.flatMap((file) =>
      [...readFileSync(path.join(ROOT, file), 'utf8').matchAll(NAMED)]
        .map(([named]) => named)
        .filter((named) => !isThere(file, named))
        .map((named) => `${file}: ${named}`),
    );
    expect(missing).toEqual([]);
  });

  test('have the heading that a link or a comment points at', () => {
    const missing = files.flatMap((file) =>
      [...readFileSync(path.join(ROOT, file), 'utf8').matchAll(/\]\(([\w./-]*\.md)?#([\w-]+)\)/g)]
        .map(([, named, anchor = '']) => ({
          page: named === undefined ? file : path.join(path.dirname(file), named),
          anchor,
        }))
        .filter(({ page, anchor }) => !anchorsOf(page).includes(anchor))
        .map(({ page, anchor }) => `${file}: ${page}#${anchor}`),
    );
    expect(missing).toEqual([]);
  });
});

/** The anchors of a page, as GitHub makes them of its headings. */
function anchorsOf(page: string): string[] {
  const headings = readFileSync(path.join(ROOT, page), 'utf8').matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  );
}
