import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';

const FOLDER = path.resolve(import.meta.dirname, '../../docs/decisions');
const read = (page: string): string => readFileSync(path.join(FOLDER, page), 'utf8');

const pages = readdirSync(FOLDER).filter((name) => name !== 'README.md');
const rows = [...read('README.md').matchAll(/^\| (\S+) \| \[(.+?)\]\((.+?)\) +\| (.+?) +\|$/gm)].map(
  ([, date = '', title = '', page = '', state = '']) => ({ date, title, page, state }),
);

describe('the table of decisions', () => {
  test('has a row for every page, by date and name, under its own title', () => {
    expect(rows.map(({ date, title, page }) => [page, date, title])).toEqual(
      pages.sort().map((page) => [page, page.slice(0, 10), read(page).split('\n')[0]?.replace('# ', '')]),
    );
  });

  test('knows three states', () => {
    expect(rows.filter(({ state }) => !['holds', 'in part', 'superseded'].includes(state))).toEqual([]);
  });

  test('says "holds" of no page whose head says otherwise, and of the others where to go on', () => {
    for (const { page, state } of rows) {
      const status = /^# .+\n\n\*\*Status\.\*\* ([\s\S]*?)\n\n/.exec(read(page))?.[1];
      if (state === 'holds') expect([page, status]).toEqual([page, undefined]);
      else expect([page, status]).toEqual([page, expect.stringMatching(/\]\(2026-[\w-]+\.md\)/)]);
    }
  });
});
