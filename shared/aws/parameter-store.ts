import { HttpRequest } from '@smithy/core/protocols';
import { Hash } from '@smithy/core/serde';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsSource } from '#shared/capabilities/home.ts';
import { parseJson } from '#shared/contracts/parse-json.ts';
import { ThrottledError, UnknownOutcomeError } from '#shared/errors/errors.ts';
import type { World } from '#shared/world/world.ts';
import { calling } from './aws-error.ts';
import { CLIENT_SETTINGS } from './client-settings.ts';
import { tryAgain } from './try-again.ts';

/** Who asks and where: what Lambda gives a function. */
export interface ParameterAccess {
  readonly region: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  /** Where the service is; absent: at its address in the Region. */
  readonly endpoint?: string;
}

/** The function's own access, read when it is needed: a function that starts needs none of it. */
export const accessOf =
  ({ setting, optional }: Pick<AwsSource, 'setting' | 'optional'>) =>
  (): ParameterAccess => {
    const sessionToken = optional('AWS_SESSION_TOKEN');
    return {
      region: setting('AWS_REGION'),
      credentials: {
        accessKeyId: setting('AWS_ACCESS_KEY_ID'),
        secretAccessKey: setting('AWS_SECRET_ACCESS_KEY'),
        ...(sessionToken !== undefined && { sessionToken }),
      },
    };
  };

/**
 * The one call of the parameter store that functions need, on the SDK's own signer and HTTP handler: its client would add 167 KB
 * to the bundle of the function that answers every check, a quarter of it.
 */
export class ParameterStore {
  readonly #access: () => ParameterAccess;
  readonly #world: World;
  readonly #http = new NodeHttpHandler(CLIENT_SETTINGS.requestHandler);

  constructor(access: () => ParameterAccess, world: World) {
    this.#access = access;
    this.#world = world;
  }

  /** The text of a parameter, decrypted. A read may be repeated: it is tried three times, and throws as the clients do. */
  get(name: string): Promise<string | undefined> {
    const mayPass = (error: unknown) =>
      error instanceof ThrottledError || error instanceof UnknownOutcomeError;
    return tryAgain(this.#world, mayPass, () =>
      calling('ssm:GetParameter', name, () => this.#ask(name, this.#access())),
    );
  }

  /** Closes its connections. */
  close(): void {
    this.#http.destroy();
  }

  async #ask(name: string, { region, credentials, endpoint }: ParameterAccess): Promise<string | undefined> {
    const { protocol, hostname, port, host } = new URL(endpoint ?? `https://ssm.${region}.amazonaws.com`);
    const request = new HttpRequest({
      protocol,
      hostname,
      ...(port !== '' && { port: Number(port) }),
      method: 'POST',
      path: '/',
      headers: {
        host,
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'AmazonSSM.GetParameter',
      },
      body: JSON.stringify({ Name: name, WithDecryption: true }),
    });
    const signer = new SignatureV4({
      service: 'ssm',
      region,
      credentials,
      sha256: Hash.bind(null, 'sha256'),
    });
    const signingDate = new Date(this.#world.now());
    const signed = await signer.sign(request, { signingDate });
    const { response } = await this.#http.handle(new HttpRequest(signed));
    const chunks: Uint8Array[] = [];
    for await (const chunk of response.body) chunks.push(chunk);
    return parameterIn(response.statusCode, Buffer.concat(chunks).toString());
  }
}

/** What an answer says; throws an error in the SDK's own shape when it is not the parameter. */
function parameterIn(httpStatusCode: number, body: string): string | undefined {
  // Every field of it may be missing, and is asked for as such.
  const answer = parseJson(body) as Answer | undefined;
  if (httpStatusCode === 200 && answer !== undefined) return answer.Parameter?.Value;
  const type = answer?.__type ?? 'UnknownError';
  const said = new Error(answer?.message ?? answer?.Message ?? 'the answer cannot be read');
  throw Object.assign(said, { name: type.slice(type.indexOf('#') + 1), $metadata: { httpStatusCode } });
}

/** What the JSON protocol of AWS answers; a proxy's page is none. */
interface Answer {
  readonly Parameter?: { readonly Value?: string };
  readonly __type?: string;
  readonly message?: string;
  readonly Message?: string;
}
