import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseDocument } from '../../services/rollout-orchestrator/domain/document/parse-document.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

const pages = [
  'README.md',
  ...readdirSync(path.join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** Every rollout document that people are shown: the blocks of YAML in the pages, and the file that the README launches. */
const shown = [
  ...pages.flatMap((page) =>
    [...read(page).matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = ''], index) => ({
      where: `${page}, block ${index + 1}`,
      text,
    })),
  ),
  { where: 'demo/rollout.yaml', text: read('demo/rollout.yaml') },
];

describe('rollout documents that people are shown', () => {
  test('the README has one to read and launches a file that is there', () => {
    expect(shown.map(({ where }) => where)).toContain('README.md, block 1');
    const launched = [...read('README.md').matchAll(/rollout launch (\S+)/g)].map((match) => match[1]);
    expect(launched).toEqual(['demo/rollout.yaml']);
  });

  test.each(shown)('$where is one that the backend takes', ({ text }) => {
    expect(parseDocument(text).release).toBe('cam/2.1.0');
  });

  test('the file of the README opens with a stage that untagged devices belong to, and is over in minutes', () => {
    const { stages, halt } = parseDocument(read('demo/rollout.yaml'));
    expect(stages.map(({ kind }) => kind)).not.toContain('tag');
    expect(Math.max(halt.silentAfterMs, ...stages.map(({ gate }) => gate?.bakeMs ?? 0))).toBeLessThanOrEqual(
      60_000,
    );
  });
});
