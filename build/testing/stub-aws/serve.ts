import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { portOf } from '#shared/program/port-of.ts';
import { StubAccount, StubFault } from './account.ts';
import { StubCloudFormation } from './cloudformation.ts';
import { answerIot, answerJson } from './json-services.ts';
import { answerS3 } from './s3.ts';
import { escaped, tag } from './xml.ts';

/** AWS on the loopback wire, for the services that deploying calls. */
export interface StubAws {
  readonly url: string;
  readonly account: StubAccount;
  close(): Promise<void>;
}

/** Serves an empty account. One address answers for all services: a request's signature names the one that it is for. */
export async function serveStubAws(): Promise<StubAws> {
  const account = new StubAccount();
  const cloudFormation = new StubCloudFormation(account);
  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks);
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
    const service =
      /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const url = new URL(request.url ?? '/', 'http://localhost');
    try {
      const refusal = account.refusals.get(service);
      if (refusal !== undefined) throw new StubFault(refusal.code, refusal.message, 403);
      answer(service, { request, response, url, body });
    } catch (error) {
      if (!(error instanceof StubFault)) throw error;
      fail(service, response, error);
    }
  }

  function answer(
    service: string,
    {
      request,
      response,
      url,
      body,
    }: { request: IncomingMessage; response: ServerResponse; url: URL; body: Buffer },
  ): void {
    const method = request.method ?? '';
    if (service === 's3') {
      const [, bucket = '', key = ''] = /^\/([^/]*)\/?(.*)$/.exec(decodeURIComponent(url.pathname)) ?? [];
      account.calls.push(`s3 ${method} ${bucket}/${key}`);
      const { headers = {}, xml } = answerS3(account, { method, bucket, key, query: url.searchParams, body });
      response.writeHead(200, headers).end(xml);
    } else if (service === 'iot') {
      account.calls.push(`iot ${method} ${url.pathname}`);
      sendJson(response, answerIot(account, method, url.pathname));
    } else if (request.headers['x-amz-target'] !== undefined) {
      const operation = `${service} ${String(request.headers['x-amz-target']).split('.')[1]}`;
      account.calls.push(operation);
      sendJson(response, answerJson(account, operation, JSON.parse(body.toString())));
    } else {
      const query = new Map(new URLSearchParams(body.toString()));
      const action = query.get('Action') ?? '';
      account.calls.push(`${service} ${action}`);
      const { accountId } = account;
      const result =
        service === 'sts'
          ? tag('Account', accountId) + tag('Arn', `arn:aws:sts::${accountId}:assumed-role/deployer/ada`)
          : cloudFormation.answer(action, query);
      response.writeHead(200).end(tag(`${action}Response`, tag(`${action}Result`, result)));
    }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = portOf(server);
  return {
    url: `http://127.0.0.1:${port}`,
    account,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function sendJson(response: ServerResponse, document: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document));
}

function fail(service: string, response: ServerResponse, { code, message, status }: StubFault): void {
  const details = tag('Code', code) + tag('Message', escaped(message));
  if (service === 's3') response.writeHead(status).end(tag('Error', details));
  else if (service === 'sts' || service === 'cloudformation')
    response.writeHead(status).end(tag('ErrorResponse', tag('Error', tag('Type', 'Sender') + details)));
  else
    response.writeHead(status, { 'x-amzn-errortype': code }).end(JSON.stringify({ __type: code, message }));
}
