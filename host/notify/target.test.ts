import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { notifyTarget } from './target.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'evenkeel-notify-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function fileWith(text: string): string {
  const file = path.join(directory, 'file');
  writeFileSync(file, text);
  return file;
}

describe('where notifications go', () => {
  it('is nowhere unless told', () => {
    expect(notifyTarget({})).toBeUndefined();
  });

  it.each([
    'https://hooks.example.com/services/T0/B0/x?y=z',
    'https://192.0.2.1:8443/',
    'http://localhost:9000/hook',
    'http://127.0.0.1/',
    'http://127.1/',
    'http://[::1]:9000/',
  ])('may be %s', (notify) => {
    expect(notifyTarget({ notify })?.url.href).toBe(new URL(notify).href);
  });

  it.each([
    'hooks.example.com/s3cret',
    'ftp://example.com/s3cret',
    'http://example.com/s3cret',
    'http://127.0.0.1.example.com/s3cret',
    'http://localhost.example.com/s3cret',
    'http://0.0.0.0/s3cret',
    'https://:s3cret@example.com/',
    'https://s3cret@example.com/',
    'https://example.com/s3cret#part',
    `https://example.com/s3cret${'x'.repeat(2_048)}`,
    '',
  ])('may not be %s, and the refusal names the rule without the URL', (notify) => {
    const refused = () => notifyTarget({ notify });
    expect(refused).toThrow('--notify must be https://..., or http://... on this machine itself');
    expect(refused).not.toThrow(/s3cret/);
  });

  it('may stand in a file, which the command line does not show', () => {
    const file = fileWith('https://hooks.example.com/s3cret\n');
    expect(notifyTarget({ 'notify-file': file })?.url.pathname).toBe('/s3cret');
    const wrong = fileWith('http://example.com/s3cret');
    expect(() => notifyTarget({ 'notify-file': wrong })).toThrow('--notify-file must be https://');
    expect(() => notifyTarget({ 'notify-file': `${file}.gone` })).toThrow('cannot be read');
    expect(() => notifyTarget({ notify: 'https://a.example', 'notify-file': file })).toThrow('one of them');
  });

  it('is signed for with 24 to 64 bytes, and nothing else', () => {
    const notify = 'https://hooks.example.com/';
    const secretOf = (text: string) => notifyTarget({ notify, 'notify-secret-file': fileWith(text) })?.secret;
    for (const size of [24, 64]) {
      const bytes = Buffer.alloc(size, 7);
      expect(secretOf(`whsec_${bytes.toString('base64')}\n`)).toEqual(bytes);
    }
    for (const text of [
      `whsec_${Buffer.alloc(23, 7).toString('base64')}`,
      `whsec_${Buffer.alloc(65, 7).toString('base64')}`,
      Buffer.alloc(32, 7).toString('base64'),
      'whsec_nonsense!',
      '',
    ])
      expect(() => secretOf(text)).toThrow('--notify-secret-file: must hold whsec_ and the base64');
    expect(() => notifyTarget({ 'notify-secret-file': fileWith('') })).toThrow('without --notify URL');
  });
});
