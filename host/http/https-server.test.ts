import { createHash } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { connect as tlsConnect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ServedHost, startServedHost } from '#host/testing/served-host.ts';

const ROOT = path.join(import.meta.dirname, '../testing/fixtures/parrot');

let host: ServedHost;
beforeAll(async () => {
  host = await startServedHost({ root: ROOT });
});
afterAll(() => host.stop());

const errorOf = (text: string) => JSON.parse(text).error;

/** Sends those very bytes and answers all that comes back. */
function raw(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { httpPort, authority } = host.serving.file;
    readFile(authority).then((ca) => {
      const socket = tlsConnect({ host: 'localhost', port: httpPort, ca });
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1');
      });
      socket.on('close', () => resolve(text));
      socket.on('error', reject);
      socket.end(bytes);
    }, reject);
  });
}

describe('the HTTPS server', () => {
  it('serves a route to the holder of a token, with the claims of that token', async () => {
    const { status, text } = await host.https('POST', '/words/ahoi', { body: '{"volume":2}' });
    expect({ status, body: JSON.parse(text) }).toEqual({ status: 201, body: { word: 'ahoi' } });
    const table = host.serving.host.resources.table('evenkeel-test-words');
    const [kept] = await table.get([{ pk: 'acme#ahoi', sk: 'word' }], { consistent: true });
    expect(kept?.word).toBe('ahoi');
  });

  it('hands a percent-encoded segment over as it is meant', async () => {
    const { status, text } = await host.https('POST', '/words/%C3%A4h%2Foi');
    expect({ status, body: JSON.parse(text) }).toEqual({ status: 201, body: { word: 'äh/oi' } });
  });

  it('answers 401 without a token, with another scheme and with a token that it does not know', async () => {
    for (const token of [null, 'ek_unknown', 'x'.repeat(200)]) {
      const { status, text } = await host.https('POST', '/words/ahoi', { token });
      expect(status).toBe(401);
      expect(errorOf(text)).toMatchObject({ code: 'unauthenticated', field: 'authorization' });
    }
  });

  it('answers 404 for a path that is no route, and 405 with what is allowed for another method', async () => {
    const unknown = await host.https('GET', '/nowhere', { token: null });
    expect(unknown.status).toBe(404);
    expect(errorOf(unknown.text)).toMatchObject({ code: 'not-found' });
    const wrong = await host.https('DELETE', '/words/ahoi');
    expect(wrong.status).toBe(405);
    expect(wrong.headers.allow).toBe('POST');
  });

  it('refuses a body over 256 KB, announced or not, and takes one of 256 KB', async () => {
    const tooLong = await host.https('POST', '/words/ahoi', { body: 'x'.repeat(262_145) });
    expect(tooLong.status).toBe(400);
    expect(errorOf(tooLong.text)).toMatchObject({ field: 'body', rule: 'must be at most 262144 bytes' });
    const token = (await readFile(host.serving.file.adminToken, 'utf8')).trim();
    const chunk = `8000\r\n${'x'.repeat(0x8000)}\r\n`;
    const head = `POST /words/ahoi HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ntransfer-encoding: chunked\r\n\r\n`;
    expect(await raw(`${head}${chunk.repeat(9)}0\r\n\r\n`)).toMatch(/^HTTP\/1.1 400 .*262144 bytes/s);
    const full = await host.https('POST', '/words/ahoi', { body: `{"volume":1}${' '.repeat(262_132)}` });
    expect(full.status).toBe(201);
  });

  it('refuses a body that is no text, and patches none', async () => {
    const { status, text } = await host.https('POST', '/words/ahoi', {
      body: Buffer.from('{"volume":1,"why":"\xff"}', 'latin1'),
    });
    expect({ status, error: errorOf(text) }).toMatchObject({
      status: 400,
      error: { field: 'body', rule: 'must be JSON in UTF-8' },
    });
  });

  it('refuses headers over 16 KB', async () => {
    const answer = await raw(`GET /health HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(17_000)}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 431 /);
  });

  it('says whether it is healthy, to anyone', async () => {
    expect(await host.https('GET', '/health', { token: null })).toMatchObject({ status: 200, text: 'ok\n' });
  });

  it('takes uploads and gives downloads by presigned URLs', async () => {
    const { uploads, downloads } = host.serving.host.buckets.of('evenkeel-test-files-000000000000-local');
    const upload = await uploads.begin('in/a.bin', { sizeBytes: 5, lifeSeconds: 60 });
    const put = new URL(upload.parts[0]?.url ?? '');
    const { status, headers } = await host.https('PUT', put.pathname + put.search, {
      body: '12345',
      token: null,
    });
    expect(status).toBe(200);
    await uploads.complete('in/a.bin', upload.uploadId, [{ number: 1, etag: String(headers.etag) }]);
    const get = new URL(await downloads.url('in/a.bin', { lifeSeconds: 60 }));
    expect(await host.https('GET', get.pathname + get.search, { token: null })).toMatchObject({
      text: '12345',
    });
  });

  it('keeps only the digest of the admin token, readable by nobody else', async () => {
    const token = (await readFile(host.serving.file.adminToken, 'utf8')).trim();
    const file = path.join(path.dirname(host.serving.file.adminToken), 'tokens.json');
    const kept = await readFile(file, 'utf8');
    expect(kept).toContain(createHash('sha256').update(token).digest('hex'));
    expect(kept).not.toContain(token);
    expect(((await stat(file)).mode & 0o777).toString(8)).toBe('600');
    expect(((await stat(host.serving.file.adminToken)).mode & 0o777).toString(8)).toBe('600');
  });

  it('knows a token that is added to the file, and its role, within moments', async () => {
    const file = path.join(path.dirname(host.serving.file.adminToken), 'tokens.json');
    const tokens = JSON.parse(await readFile(file, 'utf8'));
    const sha256 = createHash('sha256').update('ek_viewer').digest('hex');
    tokens.tokens.push({ sha256, name: 'vic', role: 'viewer', tenant: 'acme' });
    await writeFile(file, JSON.stringify(tokens));
    const ask = async () => (await host.https('POST', '/words/ahoi', { token: 'ek_viewer' })).status;
    let status = await ask();
    for (const deadlineMs = Date.now() + 60_000; status === 401 && Date.now() < deadlineMs; )
      status = await ask();
    expect(status).toBe(403);
  });
});
