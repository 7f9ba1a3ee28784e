import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { closeToOthers } from './closed-to-others.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'evenkeel-closed-'));
  chmodSync(directory, 0o755);
  for (const one of ['secrets', 'authority', 'buckets'])
    mkdirSync(path.join(directory, one), { mode: 0o700 });
});
afterEach(() => rmSync(directory, { recursive: true }));

function put(file: string, mode: number): void {
  writeFileSync(path.join(directory, file), 'x');
  chmodSync(path.join(directory, file), mode);
}

const modeOf = (file: string): string => (statSync(path.join(directory, file)).mode & 0o777).toString(8);

describe('a data directory that others may look into', () => {
  it('is closed to them, and says which keys they could read', () => {
    chmodSync(path.join(directory, 'secrets'), 0o755);
    put('secrets/seal.key', 0o644);
    put('secrets/tokens.json', 0o600);
    put('authority/ca.key.pem', 0o644);
    expect(closeToOthers(directory)).toEqual(['secrets/seal.key']);
    expect(['secrets', 'secrets/seal.key', 'authority/ca.key.pem'].map(modeOf)).toEqual([
      '700',
      '600',
      '600',
    ]);
    expect(closeToOthers(directory)).toEqual([]);
  });

  it('keeps its databases from all but the group', () => {
    put('evenkeel.db', 0o644);
    put('evenkeel.db-wal', 0o664);
    put('buckets/index.sqlite', 0o600);
    expect(closeToOthers(directory)).toEqual([]);
    expect(['evenkeel.db', 'evenkeel.db-wal', 'buckets/index.sqlite'].map(modeOf)).toEqual([
      '640',
      '660',
      '600',
    ]);
  });

  it('may be one that is not there yet', () => {
    expect(closeToOthers(path.join(directory, 'none'))).toEqual([]);
  });
});
