import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { BARS } from '../../bench/document/bars.ts';
import { PAGE_FILE } from '../../bench/document/document-part.ts';
import { readMeasured } from '../../bench/document/measured.ts';
import { isOnPage, pageWith } from '../../bench/document/page.ts';
import { figureOf } from '../../bench/document/verdict.ts';

const MEASURED = readMeasured();

describe('the page of performance', () => {
  test('tells what was measured: npm run bench -- --document writes both', () => {
    const page = readFileSync(PAGE_FILE, 'utf8');
    expect(page).toBe(pageWith(page, MEASURED));
  });

  test('shows every part that is kept', () => {
    expect(Object.keys(MEASURED).filter((part) => !isOnPage(part))).toEqual([]);
  });

  test('tells of commits, not of files that nobody has', () => {
    const commits = Object.values(MEASURED).map(({ machine }) => machine.commit);
    expect(commits.filter((commit) => !/^[0-9a-f]{7,}$/.test(commit))).toEqual([]);
  });

  test.each(BARS.filter(({ onlyWhere }) => onlyWhere === undefined))(
    'has the figure "$figure" of "$source"',
    (bar) => {
      expect(figureOf(bar, MEASURED)).toBeDefined();
    },
  );
});
