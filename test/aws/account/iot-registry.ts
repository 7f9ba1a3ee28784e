import type { Authority } from '#host/identity/authority.ts';
import { certificateIdOf } from '#host/identity/local-identity.ts';
import type { ThingRegistry } from '#host/identity/thing-registry.ts';
import { RefusedError } from '#shared/errors/errors.ts';
import { keyToPem, newKeyPair } from '#shared/x509/key-pair.ts';
import { keyOfSigningRequest } from '#shared/x509/signing-request.ts';
import type { AwsAnswer, AwsRequest, AwsService, NeededRight } from '../gate/aws-request.ts';
import { jsonOf } from '../gate/json-service.ts';
import { PLACE } from '../stacks/place.ts';
import { restAnswer, restError } from './rest-answer.ts';

/** What the registry signs with, and where it notes whom the broker lets in. */
export interface IotRegistryParts {
  readonly authority: Authority;
  /** Where the broker looks who may connect. */
  readonly things: ThingRegistry;
  /** Name of the one policy that lets a device do anything. */
  readonly policy: string;
}

interface Certificate {
  readonly policies: Set<string>;
  thing?: string;
}

const ARN = `arn:${PLACE.partition}:iot:${PLACE.region}:${PLACE.accountId}`;
const certificateArn = (id: string): string => `${ARN}:cert/${id}`;
const idIn = (arn: string): string => arn.split('/').at(-1) ?? '';

interface Operation {
  readonly name: string;
  readonly method: string;
  readonly path: RegExp;
  /** The resource of the right: most of these operations know none but `*`. */
  readonly arn: (name: string, request: AwsRequest) => string;
  readonly run: (name: string, request: AwsRequest) => Promise<AwsAnswer> | AwsAnswer;
}

/**
 * The registry of AWS IoT (a stub: no server of it can be had), as far as devices are registered and revoked with it. Its
 * certificates are real, and the broker takes one once it is attached to a thing and to the policy.
 */
export class IotRegistry implements AwsService {
  readonly #parts: IotRegistryParts;
  readonly #attributes = new Map<string, Readonly<Record<string, string>>>();
  readonly #certificates = new Map<string, Certificate>();
  readonly #operations: readonly Operation[];

  constructor(parts: IotRegistryParts) {
    this.#parts = parts;
    this.#operations = this.#listed();
  }

  operationOf(request: AwsRequest): string {
    return `iot:${this.#find(request).operation.name}`;
  }

  rightsOf(request: AwsRequest): NeededRight[] {
    const { operation, name } = this.#find(request);
    return [{ action: `iot:${operation.name}`, arn: operation.arn(name, request) }];
  }

  async answer(request: AwsRequest): Promise<AwsAnswer> {
    const { operation, name } = this.#find(request);
    try {
      return await operation.run(name, request);
    } catch (error) {
      if (error instanceof RefusedError) return restError(400, 'InvalidRequestException', error.message);
      throw error;
    }
  }

  error(status: number, code: string, message: string): AwsAnswer {
    return restError(status, code, message);
  }

  #find(request: AwsRequest): { readonly operation: Operation; readonly name: string } {
    for (const operation of this.#operations) {
      const match = request.method === operation.method ? operation.path.exec(request.path) : null;
      if (match !== null) return { operation, name: decodeURIComponent(match[1] ?? '') };
    }
    throw new Error(`AWS IoT has no ${request.method} ${request.path}`);
  }

  #listed(): Operation[] {
    const any = () => '*';
    const thingArn = (name: string) => `${ARN}:thing/${name}`;
    const ofPrincipal = (_name: string, { headers }: AwsRequest) => headers['x-amzn-principal'] ?? '';
    return [
      {
        name: 'DescribeEndpoint',
        method: 'GET',
        path: /^\/endpoint$/,
        arn: any,
        run: () => restAnswer({ endpointAddress: 'localhost' }),
      },
      {
        name: 'CreateThing',
        method: 'POST',
        path: /^\/things\/([^/]+)$/,
        arn: thingArn,
        run: (name, request) => this.#createThing(name, request),
      },
      {
        name: 'CreateCertificateFromCsr',
        method: 'POST',
        path: /^\/certificates$/,
        arn: any,
        run: (_name, request) => this.#certify(request),
      },
      {
        name: 'CreateKeysAndCertificate',
        method: 'POST',
        path: /^\/keys-and-certificate$/,
        arn: any,
        run: () => this.#makeKeys(),
      },
      {
        name: 'AttachPolicy',
        method: 'PUT',
        path: /^\/target-policies\/([^/]+)$/,
        arn: (_name, request) => jsonOf<{ target: string }>(request).target,
        run: (name, request) => this.#attachPolicy(name, request),
      },
      {
        name: 'AttachThingPrincipal',
        method: 'PUT',
        path: /^\/things\/([^/]+)\/principals$/,
        arn: ofPrincipal,
        run: (name, request) => this.#attachThing(name, request),
      },
      {
        name: 'ListThingPrincipals',
        method: 'GET',
        path: /^\/things\/([^/]+)\/principals$/,
        arn: thingArn,
        run: (name) => this.#listPrincipals(name),
      },
      {
        name: 'UpdateCertificate',
        method: 'PUT',
        path: /^\/certificates\/([^/]+)$/,
        arn: certificateArn,
        run: (id, request) => this.#update(id, request),
      },
    ];
  }

  #createThing(thing: string, request: AwsRequest): AwsAnswer {
    const { attributePayload } = jsonOf<{ attributePayload?: { attributes?: Record<string, string> } }>(
      request,
    );
    const attributes = attributePayload?.attributes ?? {};
    const before = this.#attributes.get(thing);
    if (before !== undefined && JSON.stringify(before) !== JSON.stringify(attributes))
      return restError(409, 'ResourceAlreadyExistsException', `${thing} is there with other attributes`);
    this.#attributes.set(thing, attributes);
    return restAnswer({ thingName: thing, thingArn: `${ARN}:thing/${thing}` });
  }

  #certify(request: AwsRequest): AwsAnswer {
    const { certificateSigningRequest } = jsonOf<{ certificateSigningRequest: string }>(request);
    return this.#sign(keyOfSigningRequest(certificateSigningRequest), {});
  }

  async #makeKeys(): Promise<AwsAnswer> {
    const { publicKey, privateKey } = await newKeyPair();
    return this.#sign(publicKey, { keyPair: { PrivateKey: keyToPem(privateKey) } });
  }

  #sign(publicKey: Parameters<Authority['signForDevice']>[1], more: object): AwsAnswer {
    // AWS IoT writes its own subject, whatever the request says.
    const { der, pem } = this.#parts.authority.signForDevice('AWS IoT Certificate', publicKey);
    const certificateId = certificateIdOf(der);
    this.#certificates.set(certificateId, { policies: new Set() });
    const named = { certificateId, certificateArn: certificateArn(certificateId) };
    return restAnswer({ ...named, certificatePem: pem, ...more });
  }

  async #attachPolicy(policy: string, request: AwsRequest): Promise<AwsAnswer> {
    const id = idIn(jsonOf<{ target: string }>(request).target);
    const certificate = this.#certificates.get(id);
    if (certificate === undefined || policy !== this.#parts.policy)
      return restError(404, 'ResourceNotFoundException', 'there is no such policy or certificate');
    certificate.policies.add(policy);
    await this.#admit(id, certificate);
    return restAnswer({});
  }

  async #attachThing(thing: string, { headers }: AwsRequest): Promise<AwsAnswer> {
    const id = idIn(headers['x-amzn-principal'] ?? '');
    const certificate = this.#certificates.get(id);
    if (certificate === undefined || !this.#attributes.has(thing))
      return restError(404, 'ResourceNotFoundException', 'there is no such thing or certificate');
    certificate.thing = thing;
    await this.#admit(id, certificate);
    return restAnswer({});
  }

  /** Only what has both may connect. */
  async #admit(certificateId: string, { thing, policies }: Certificate): Promise<void> {
    if (thing === undefined || policies.size === 0) return;
    const attributes = this.#attributes.get(thing) ?? {};
    await this.#parts.things.attach({ thing, attributes, certificateId });
  }

  #listPrincipals(thing: string): AwsAnswer {
    if (!this.#attributes.has(thing))
      return restError(404, 'ResourceNotFoundException', `there is no ${thing}`);
    const ids = [...this.#certificates].filter(([, certificate]) => certificate.thing === thing);
    return restAnswer({ principals: ids.map(([id]) => certificateArn(id)) });
  }

  async #update(id: string, { query }: AwsRequest): Promise<AwsAnswer> {
    const certificate = this.#certificates.get(id);
    if (certificate?.thing === undefined || query.get('newStatus') !== 'REVOKED')
      return restError(404, 'ResourceNotFoundException', 'there is no such certificate');
    await this.#parts.things.revoke(certificate.thing, id);
    return restAnswer({});
  }
}
