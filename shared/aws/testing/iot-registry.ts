import { createHash, type KeyObject } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Authority, openAuthority } from '#host/identity/authority.ts';
import { RefusedError } from '#shared/errors/errors.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { keyToPem, newKeyPair } from '#shared/x509/key-pair.ts';
import { keyOfSigningRequest } from '#shared/x509/signing-request.ts';
import { json, type WireAnswer, type WireRequest } from './wire.ts';

/** Where the registry is said to be; only names. */
const ACCOUNT = 'arn:aws:iot:eu-central-1:000000000000';

/**
 * The part of the AWS IoT registry that identities need, over the project's own authority: certificates are real, the wire
 * is that of the API reference, and nothing else is claimed.
 */
export class IotRegistry {
  /** Attributes by name of thing. */
  readonly things = new Map<string, unknown>();
  /** Ids of the certificates that were made, in order. */
  readonly certificates: string[] = [];
  /** What is attached to which certificate: `<policy> <certificateId>`, `<thing> <certificateId>`. */
  readonly attached: string[] = [];
  /** By id of the certificate; one that was made inactive has none yet. */
  readonly statuses = new Map<string, string>();
  readonly #authority: Authority;
  readonly #directory: string;

  private constructor(authority: Authority, directory: string) {
    this.#authority = authority;
    this.#directory = directory;
  }

  static async open(): Promise<IotRegistry> {
    const directory = await mkdtemp(path.join(tmpdir(), 'evenkeel-iot-'));
    return new IotRegistry(await openAuthority(directory, realWorld), directory);
  }

  async close(): Promise<void> {
    await rm(this.#directory, { recursive: true });
  }

  /** Answers one request as the registry would. */
  readonly serve = async ({ method, path: target, headers, body }: WireRequest): Promise<WireAnswer> => {
    const { pathname, searchParams } = new URL(target, 'http://iot');
    const [kind, name = '', part] = pathname.slice(1).split('/').map(decodeURIComponent);
    const isActive = searchParams.get('setAsActive') === 'true';
    const read = () => JSON.parse(body.toString()) as Record<string, unknown>;
    switch (`${method} ${kind}${part === undefined ? '' : `/${part}`}`) {
      case 'GET endpoint':
        return json(200, { endpointAddress: 'a1-ats.iot.eu-central-1.amazonaws.com' });
      case 'POST things':
        this.things.set(name, read().attributePayload);
        return json(200, { thingName: name, thingArn: `${ACCOUNT}:thing/${name}`, thingId: '0' });
      case 'POST keys-and-certificate': {
        const { publicKey, privateKey } = await newKeyPair();
        return json(200, {
          ...this.#certify(publicKey, isActive),
          keyPair: { PrivateKey: keyToPem(privateKey) },
        });
      }
      case 'POST certificates':
        return this.#certifyRequest(String(read().certificateSigningRequest), isActive);
      case 'PUT target-policies':
        this.attached.push(`${name} ${idIn(String(read().target))}`);
        return json(200, {});
      case 'PUT things/principals':
        this.attached.push(`${name} ${idIn(headers['x-amzn-principal'] ?? '')}`);
        return json(200, {});
      case 'GET things/principals':
        return json(200, { principals: this.#principalsOf(name) });
      case 'PUT certificates':
        this.statuses.set(name, searchParams.get('newStatus') ?? '');
        return json(200, {});
      default:
        return json(404, { message: `${method} ${target} is not part of this registry` });
    }
  };

  #certifyRequest(pem: string, isActive: boolean): WireAnswer {
    try {
      return json(200, this.#certify(keyOfSigningRequest(pem), isActive));
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      return json(400, { message: error.rule }, { 'x-amzn-errortype': 'InvalidRequestException:' });
    }
  }

  #certify(publicKey: KeyObject, isActive: boolean) {
    const { der, pem } = this.#authority.signForDevice('aws:iot', publicKey);
    const certificateId = createHash('sha256').update(der).digest('hex');
    this.certificates.push(certificateId);
    if (isActive) this.statuses.set(certificateId, 'ACTIVE');
    return { certificateId, certificateArn: `${ACCOUNT}:cert/${certificateId}`, certificatePem: pem };
  }

  #principalsOf(thing: string): string[] {
    return this.attached
      .filter((one) => one.startsWith(`${thing} `))
      .map((one) => `${ACCOUNT}:cert/${one.slice(thing.length + 1)}`);
  }
}

const idIn = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);
