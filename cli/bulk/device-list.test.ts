import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  DeviceListError,
  failuresText,
  LIST_BOUNDS,
  type ListedDevice,
  parseDeviceList,
} from './device-list.ts';

const read = (text: string) => parseDeviceList(Buffer.from(text), 'devices.csv');

/** What is wrong with a list. */
function problemsOf(text: string | Uint8Array): readonly string[] {
  try {
    parseDeviceList(Buffer.from(text), 'devices.csv');
  } catch (error) {
    if (error instanceof DeviceListError) return error.problems;
    throw error;
  }
  return [];
}

describe('a list of devices', () => {
  test('is one id a line', () => {
    expect(read('cam-1\ncam-2\n')).toEqual([
      { line: 1, deviceId: 'cam-1' },
      { line: 2, deviceId: 'cam-2' },
    ]);
  });

  test('is CSV with a header, its columns in any order, as spreadsheets write it', () => {
    const text =
      '\ufeffhardware,ID,tags\r\ncam-rev-b,cam-1,hall-3 internal\r\n\r\n"cam-rev-c", cam-2 ,"a,b"\r\n,cam-3,\r\n';
    expect(read(text)).toEqual([
      { line: 2, deviceId: 'cam-1', hardware: 'cam-rev-b', tags: ['hall-3', 'internal'] },
      { line: 4, deviceId: 'cam-2', hardware: 'cam-rev-c', tags: ['a', 'b'] },
      { line: 5, deviceId: 'cam-3' },
    ]);
  });

  test.each([
    ['an id that breaks its rule', 'a\nb c\n', 'line 2: id "b c" must be 1 to 43 letters, digits, _ or -'],
    ['no id', 'id,tags\n,x\n', 'line 2: id "" must be 1 to 43'],
    ['a product', 'id,product\na,Cam\n', 'line 2: product "Cam" must be'],
    ['hardware', 'id,hardware\na,?\n', 'line 2: hardware "?" must be'],
    ['a tag', 'id,tags\na,x Y\n', 'line 2: tag "Y" must be'],
    ['a tag twice', 'id,tags\na,x x\n', 'line 2: tags must not repeat'],
    ['33 tags', `id,tags\na,${Array.from({ length: 33 }, (_, at) => `t${at}`).join(' ')}\n`, 'at most 32'],
    ['an id twice', 'a\nb\na\n', 'line 3: id a is on line 1 already'],
    [
      'too few cells',
      'id,tags\na\n',
      'line 2: must have as many cells as there are columns (id, tags), but has 1',
    ],
    [
      'cells without a header',
      'a,b\n',
      'line 1: must have as many cells as there are columns (id), but has 2',
    ],
    ['a column that nobody knows', 'id,serial\na,1\n', 'line 1: column "serial" must be one of id, product'],
    ['a column twice', 'id,tags,tags\na,x,y\n', 'line 1: column "tags" must be one of'],
    ['a quotation mark that stays open', 'id,tags\na,"x\n', 'line 2: must have its quotation marks around'],
    ['text after a quotation mark', 'id,tags\na,"x"y\n', 'line 2: must have its quotation marks around'],
    ['a line without end', 'x'.repeat(LIST_BOUNDS.lineCharacters + 1), 'line 1: must be at most 4096'],
    ['nothing', '\n\n', 'there is no device in it'],
    ['a header alone', 'id,tags\n', 'there is no device in it'],
  ])('is refused for %s, by line and rule', (_, text, problem) => {
    expect(problemsOf(text)).toEqual([expect.stringContaining(problem)]);
  });

  test('names all its lines that break a rule', () => {
    expect(problemsOf('a\n!\nb\n?\n')).toHaveLength(2);
    expect(() => read('a\n!\nb\n?\n')).toThrow(
      /^devices\.csv: line 2: id "!" .* \(and 1 more\); nothing was done$/,
    );
  });

  test('is refused when it is no text, too large, or of too many devices', () => {
    expect(problemsOf(Uint8Array.of(0xff, 0xfe, 0x61, 0))).toEqual([expect.stringContaining('UTF-8')]);
    expect(problemsOf(new Uint8Array(LIST_BOUNDS.bytes + 1))).toEqual([expect.stringContaining('bytes')]);
    const ids = Array.from({ length: LIST_BOUNDS.devices + 1 }, (_, at) => `cam-${at}\n`).join('');
    expect(problemsOf(ids)).toEqual(['must have at most 100000 devices: split it']);
    expect(read(ids.replace('cam-0\n', ''))).toHaveLength(LIST_BOUNDS.devices);
  });

  test('can be made of what it is, whatever is in it', () => {
    const name = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,10}$/);
    const device = fc.record({
      deviceId: fc.stringMatching(/^[A-Za-z0-9_-]{1,43}$/),
      product: name,
      hardware: name,
      tags: fc.uniqueArray(name, { minLength: 1, maxLength: 32 }),
      reason: fc.string(),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(device, { selector: ({ deviceId }) => deviceId, minLength: 1 }),
        (devices) => {
          const failed = devices.map(({ reason, ...rest }, at) => ({
            device: { ...rest, line: at + 2 },
            reason,
          }));
          expect(read(failuresText(failed))).toEqual(failed.map((one) => one.device));
        },
      ),
    );
  });

  test('is read, or refused by line, whatever the text', () => {
    const cell = fc.constantFrom(
      'a',
      'id',
      'tags',
      '"',
      '""',
      ',',
      ' ',
      '\n',
      '\r\n',
      ';',
      '\ufeff',
      '\0',
      'É',
    );
    fc.assert(
      fc.property(fc.array(cell, { maxLength: 40 }), (cells) => {
        const text = cells.join('');
        const lineOf = (at: number) => text.replace(/^\ufeff/, '').split(/\r?\n/)[at - 1];
        const found: readonly (ListedDevice | string)[] = outcomeOf(text);
        expect(found).not.toEqual([]);
        for (const one of found) {
          if (typeof one === 'string') expect(one).toMatch(/^line \d+: |^there is no device/);
          else expect(lineOf(one.line)).toContain(one.deviceId);
        }
      }),
    );
  });
});

function outcomeOf(text: string): readonly (ListedDevice | string)[] {
  const problems = problemsOf(text);
  return problems.length > 0 ? problems : read(text);
}
