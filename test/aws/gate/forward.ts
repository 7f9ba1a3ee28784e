import { Agent, request as httpRequest } from 'node:http';
import type { AwsAnswer, AwsRequest } from './aws-request.ts';

const agent = new Agent({ keepAlive: true });
/** Of one connection alone. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'host',
  'content-length',
  'expect',
]);

/** Hands a request on to an oracle, under another path where one is given, and answers what it answers. */
export function forward(
  endpoint: string,
  { method, path, rawQuery, headers, body }: AwsRequest,
  target = rawQuery === '' ? path : `${path}?${rawQuery}`,
): Promise<AwsAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<AwsAnswer>();
  const outgoing = httpRequest(endpoint + target, {
    method,
    agent,
    headers: { ...endToEnd(headers), 'content-length': String(body.length) },
  });
  outgoing.on('error', reject);
  outgoing.on('response', (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('error', reject);
    response.on('end', () => {
      const flat = Object.entries(response.headers).map(([name, value]) => [name, String(value)] as const);
      const kept = endToEnd(Object.fromEntries(flat));
      const answered = Buffer.concat(chunks);
      // The answer to HEAD tells of a body that does not come.
      const length = method === 'HEAD' ? response.headers['content-length'] : String(answered.length);
      const sized = length === undefined ? kept : { ...kept, 'content-length': length };
      resolve({ status: response.statusCode ?? 0, headers: sized, body: answered });
    });
  });
  outgoing.end(body);
  return promise;
}

function endToEnd(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name)));
}
