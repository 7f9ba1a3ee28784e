import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestCli, type TestCli } from '../testing/test-cli.ts';

const FAST = '--per-second 1000';

let cli: TestCli;
beforeAll(async () => {
  cli = await startTestCli();
  await cli.answer('product create cam --hardware cam-rev-b');
});
afterAll(() => cli.stop());

/** Writes a list of ids; answers its path. */
async function file(name: string, text: string): Promise<string> {
  await writeFile(cli.inside(name), text);
  return cli.inside(name);
}

/** Registers devices by a list, `PREFIX-1` and so on; answers its path. */
async function registered(prefix: string, count: number): Promise<string> {
  const list = await file(prefix, Array.from({ length: count }, (_, at) => `${prefix}-${at + 1}\n`).join(''));
  const out = cli.inside(`${prefix}-devices`);
  await cli.answer(`device register --file ${list} --product cam --hardware cam-rev-b --out ${out} ${FAST}`);
  return list;
}

describe('a list of devices is changed', () => {
  const tagsOf = async (id: string) => (await cli.answer(`device show ${id}`)).tags;

  test('tags are added, taken away and replaced, and what is so already is left alone', async () => {
    const list = await registered('tag', 3);
    await cli.answer('device tag tag-2 mine');
    expect(await cli.answer(`device tag --add --file ${list} early`)).toMatchObject({
      changed: 3,
      already: 0,
    });
    expect(await tagsOf('tag-2')).toEqual(['early', 'mine']);
    expect(await cli.answer(`device tag --add --file ${list} early`)).toMatchObject({
      changed: 0,
      already: 3,
    });
    expect(await cli.answer(`device untag --file ${list} early`)).toMatchObject({ changed: 3 });
    expect(await tagsOf('tag-2')).toEqual(['mine']);
    expect(await cli.answer(`device tag --file ${list} --yes late`)).toMatchObject({ changed: 3 });
    expect(await tagsOf('tag-2')).toEqual(['late']);
    const own = await file('own-tags.csv', 'id,tags\ntag-1,a b\ntag-2,c\n');
    expect(await cli.answer(`device tag --file ${own} --yes`)).toMatchObject({ changed: 2 });
    expect(await tagsOf('tag-1')).toEqual(['a', 'b']);
    expect(await cli.answer('device tag --add tag-1 c')).toMatchObject({ tags: ['a', 'b', 'c'] });
    expect(await cli.answer('device untag tag-1 a b')).toMatchObject({ tags: ['c'] });
  });

  test('by two at the same time, and neither overwrites what the other has done', async () => {
    const list = await registered('both', 24);
    const changes = ['tag --add', 'tag --add', 'untag'].map((command, at) =>
      cli.answer(`device ${command} --file ${list} ${['lab', 'early', 'none'][at]} ${FAST}`),
    );
    expect(await Promise.all(changes)).toMatchObject([
      { changed: 24, failed: [] },
      { changed: 24, failed: [] },
      { changed: 0, failed: [] },
    ]);
    const { devices } = await cli.answer('device list --id both- --limit 100');
    expect(devices).toHaveLength(24);
    for (const { tags } of devices) expect(tags).toEqual(['early', 'lab']);
  });

  test('replacing and decommissioning ask first, with the count', async () => {
    const list = await file('ask', 'ask-1\nask-2\n');
    const asked: string[] = [];
    const ask = async (question: string) => {
      asked.push(question);
      return 'no';
    };
    for (const line of [`device tag --file ${list} x`, `device decommission --file ${list}`]) {
      expect(await cli.run(line)).toMatchObject({ exitCode: 2, err: expect.stringContaining('--yes') });
      expect(await cli.run(line, { ask })).toMatchObject({ exitCode: 1, out: '' });
    }
    expect(asked).toEqual([
      expect.stringMatching(/^Replace the tags of 2 devices\?/),
      expect.stringMatching(/^Decommission 2 devices\?/),
    ]);
  });

  test('devices are decommissioned, and those that nobody knows are named', async () => {
    const list = await registered('gone', 2);
    await cli.answer('device decommission gone-2 --reason returned');
    await writeFile(list, 'gone-1\ngone-2\ngone-3\n');
    const ran = await cli.run(`device decommission --file ${list} --yes --reason scrapped ${FAST}`);
    expect(ran.exitCode).toBe(1);
    expect((await cli.run('audit --device gone-1')).out).toMatch(/decommission +decommissioned +scrapped\n/);
    expect((await cli.run('audit --device gone-2')).out).toMatch(/decommission +decommissioned +returned\n/);
    expect(ran.out).toMatch(/^decommissioned +1 in .*\nalready so +1\nfailed +1\nline 3, gone-3: /);
    expect(await cli.answer('device show gone-1')).toMatchObject({ decommissioned: true });
  });

  test.each([
    ['device register', /give an id, or --file LIST/],
    ['device register a --file b', /give an id, or --file LIST/],
    ['device register a', /give --product NAME/],
    ['device register --file x --csr y', /--csrs DIR/],
    [
      'device register --file nowhere.csv --product cam --hardware cam-rev-b',
      /cannot read the list from nowhere/,
    ],
    ['device tag --file x Not!', /tag "Not!" must be .*all words are tags/],
    ['device tag --none --add cam-1', /not with --add/],
    ['device untag cam-1', /the tags that are to go/],
    ['device decommission', /give an id, or --file LIST/],
    ['device decommission cam-1 --failed x', /go with --file/],
    ['device tag cam-1 x --per-second 5', /go with --file/],
  ])('"%s" is a wrong command line', async (line, message) => {
    const ran = await cli.run(
      line.startsWith('device register') ? `${line} --out ${cli.inside('none')}` : line,
    );
    expect(ran).toMatchObject({ exitCode: 2, out: '' });
    expect(ran.err).toMatch(message);
  });
});
