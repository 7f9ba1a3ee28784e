import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openAuthority } from '#host/identity/authority.ts';
import { serverCredentials } from '#host/identity/server-certificate.ts';
import { portOf } from '#shared/program/port-of.ts';
import { realWorld } from '#shared/world/real-world.ts';

const CLIENT_ID = 'evenkeel-command-line';

/** An OpenID Connect issuer on loopback with TLS, and behind the same address an API that takes its id tokens alone. */
export class StubIssuer {
  readonly clientId = CLIENT_ID;
  url = '';
  /** Authority of its certificate, PEM. */
  caFile = '';
  /** How long an id token is good. */
  tokenLifeMs = 3_600_000;
  /** Reason why it gives no more tokens for refresh tokens. */
  refreshRefusal: string | undefined;
  /** Claims of id tokens that differ from what they should be. */
  claims: Readonly<Record<string, unknown>> = {};
  /** Grants that were asked for. */
  readonly grants: string[] = [];
  /** Tokens with which the API was called. */
  readonly bearers: string[] = [];
  close: () => Promise<void> = async () => undefined;
  readonly #logins = new Map<
    string,
    { readonly challenge: string; readonly nonce: string; readonly redirectUri: string }
  >();
  #count = 0;

  /** What a browser does at the address that the command line prints: the person logs in and is sent back. Answers the page. */
  async logIn(address: string, change: (back: URL) => void = () => undefined): Promise<string> {
    const { searchParams } = new URL(address);
    const parameter = (name: string) => searchParams.get(name) ?? '';
    const code = `code-${this.#next()}`;
    const redirectUri = parameter('redirect_uri');
    this.#logins.set(code, {
      challenge: parameter('code_challenge'),
      nonce: parameter('nonce'),
      redirectUri,
    });
    const back = new URL(redirectUri.replace('localhost', '127.0.0.1'));
    back.searchParams.set('code', code);
    back.searchParams.set('state', parameter('state'));
    change(back);
    return (await fetch(back)).text();
  }

  /** Answers a request to the issuer or the API. */
  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { pathname } = new URL(request.url ?? '/', this.url);
    const send = (status: number, document: unknown) =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(document));
    if (pathname === '/.well-known/openid-configuration') {
      const { url } = this;
      return send(200, {
        issuer: url,
        authorization_endpoint: `${url}/authorize`,
        token_endpoint: `${url}/token`,
      });
    }
    if (pathname === '/token')
      return send(...this.#token(new URLSearchParams(Buffer.concat(chunks).toString())));
    const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    this.bearers.push(bearer);
    if (!this.#isGood(bearer))
      return send(401, { error: { code: 'unauthenticated', message: 'must be a valid token' } });
    send(200, { rollouts: [] });
  }

  #token(form: URLSearchParams): [status: number, document: unknown] {
    const grant = form.get('grant_type') ?? '';
    this.grants.push(grant);
    if (form.get('client_id') !== CLIENT_ID) return [400, { error: 'invalid_client' }];
    if (grant === 'refresh_token') {
      if (this.refreshRefusal !== undefined)
        return [400, { error: 'invalid_grant', error_description: this.refreshRefusal }];
      return [200, { id_token: this.idToken() }];
    }
    const login = this.#logins.get(form.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (login?.challenge !== challenge || login.redirectUri !== form.get('redirect_uri'))
      return [400, { error: 'invalid_grant', error_description: 'the verifier does not fit the challenge' }];
    return [200, { id_token: this.idToken(login.nonce), refresh_token: 'refresh-1' }];
  }

  /** A new id token; its signature is not looked at by the command line, and the API here knows its own by their number. */
  idToken(nonce?: string): string {
    const iat = Math.floor(Date.now() / 1000);
    const exp = iat + Math.floor(this.tokenLifeMs / 1000);
    const claims = { iss: this.url, aud: CLIENT_ID, exp, iat, nonce, jti: this.#next(), ...this.claims };
    return ['header', JSON.stringify(claims), 'signature']
      .map((part) => Buffer.from(part).toString('base64url'))
      .join('.');
  }

  #isGood(token: string): boolean {
    const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
    return payload.startsWith('{') && JSON.parse(payload).exp * 1000 > Date.now();
  }

  #next(): number {
    this.#count += 1;
    return this.#count;
  }
}

/** Starts it with a certificate for localhost. */
export async function startStubIssuer(): Promise<StubIssuer> {
  const directory = await mkdtemp(path.join(tmpdir(), 'evenkeel-issuer-'));
  const authority = await openAuthority(directory, realWorld);
  const credentials = await serverCredentials({ directory, authority, names: [], world: realWorld });
  const issuer = new StubIssuer();
  const server = createServer(credentials, (request, response) => {
    issuer.serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = portOf(server);
  issuer.url = `https://localhost:${port}`;
  issuer.caFile = path.join(directory, 'authority.pem');
  await writeFile(issuer.caFile, authority.pem);
  issuer.close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(directory, { recursive: true });
  };
  return issuer;
}
