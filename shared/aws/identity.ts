import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreateCertificateFromCsrCommand,
  CreateKeysAndCertificateCommand,
  CreateThingCommand,
  DescribeEndpointCommand,
  InvalidRequestException,
  IoTClient,
  ListThingPrincipalsCommand,
  ResourceAlreadyExistsException,
  ResourceNotFoundException,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import type { AwsSource } from '#shared/capabilities/home.ts';
import type { Identity, IssuedCertificate } from '#shared/capabilities/identity.ts';
import { checkAttributes, checkThing } from '#shared/capabilities/limits/thing-name.ts';
import { ConfigurationError, NotFoundError, RefusedError } from '#shared/errors/errors.ts';
import { calling } from './aws-error.ts';
import { PATIENT_SETTINGS } from './client-settings.ts';

/** The largest request that is useful has an RSA key of 8,192 bits: below 4 KiB. */
const LONGEST_CSR = 8192;
/** MQTT over TLS with client certificates. */
const MQTT_PORT = 8883;
/** Who signs the ATS endpoints of AWS IoT: by RSA and by ECDSA. */
const AUTHORITIES = ['Amazon Root CA 1', 'Amazon Root CA 3'];

const newClient = () => new IoTClient(PATIENT_SETTINGS);

/** Identities under the policy that the variable names. */
export function open({ resource, share }: AwsSource): Identity {
  return new IotIdentity(share(newClient), resource);
}

interface Certificate {
  readonly certificateId?: string | undefined;
  readonly certificateArn?: string | undefined;
  readonly certificatePem?: string | undefined;
  readonly keyPair?: { readonly PrivateKey?: string | undefined } | undefined;
}

/**
 * `Identity` on the registry of AWS IoT. A certificate's id there is the sha256 of its DER. What fails half-way leaves a
 * certificate that is attached to nothing and may do nothing.
 */
export class IotIdentity implements Identity {
  readonly #client: IoTClient;
  readonly #policy: string;
  #endpoint: string | undefined;

  constructor(client: IoTClient, policy: string) {
    this.#client = client;
    this.#policy = policy;
  }

  async issue({ thing, attributes, csrPem }: Parameters<Identity['issue']>[0]): Promise<IssuedCertificate> {
    checkThing(thing);
    checkAttributes(attributes);
    const endpoint = await this.#brokerEndpoint();
    await this.#makeThing(thing, attributes);
    const { certificateId, certificateArn, certificatePem, keyPair } = await this.#certify(csrPem);
    if (certificateId === undefined || certificatePem === undefined || certificateArn === undefined)
      throw new ConfigurationError('AWS IoT issued a certificate without saying which');
    const attachPolicy = new AttachPolicyCommand({ policyName: this.#policy, target: certificateArn });
    await calling('iot:AttachPolicy', this.#policy, () => this.#client.send(attachPolicy));
    const attachThing = new AttachThingPrincipalCommand({ thingName: thing, principal: certificateArn });
    await calling('iot:AttachThingPrincipal', thing, () => this.#client.send(attachThing));
    return {
      certificateId,
      certificatePem,
      ...(keyPair?.PrivateKey !== undefined && { privateKeyPem: keyPair.PrivateKey }),
      authorityPem: authorityPem(),
      endpoint,
    };
  }

  /** AWS IoT ends live connections within minutes of it. The certificate stays attached, so that a repeat still finds it. */
  async revoke(thing: string, certificateId: string): Promise<void> {
    checkThing(thing);
    if (!(await this.#has(thing, certificateId)))
      throw new NotFoundError('certificateId', 'is not one of this device');
    const request = new UpdateCertificateCommand({ certificateId, newStatus: 'REVOKED' });
    await calling('iot:UpdateCertificate', certificateId, () => this.#client.send(request));
  }

  async #has(thing: string, certificateId: string): Promise<boolean> {
    let nextToken: string | undefined;
    do {
      const request = new ListThingPrincipalsCommand({
        thingName: thing,
        ...(nextToken !== undefined && { nextToken }),
      });
      const page = await calling('iot:ListThingPrincipals', thing, async () => {
        try {
          return await this.#client.send(request);
        } catch (error) {
          if (error instanceof ResourceNotFoundException) return { principals: [], nextToken: undefined };
          throw error;
        }
      });
      if (page.principals?.some((arn) => arn.endsWith(`:cert/${certificateId}`))) return true;
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return false;
  }

  /** A thing that is there with other attributes stays as it is: only the hint topic is made of them. */
  async #makeThing(thing: string, attributes: Readonly<Record<string, string>>): Promise<void> {
    const request = new CreateThingCommand({
      thingName: thing,
      attributePayload: { attributes: { ...attributes } },
    });
    await calling('iot:CreateThing', thing, async () => {
      try {
        await this.#client.send(request);
      } catch (error) {
        if (!(error instanceof ResourceAlreadyExistsException)) throw error;
      }
    });
  }

  async #certify(csrPem: string | undefined): Promise<Certificate> {
    if (csrPem === undefined) {
      const request = new CreateKeysAndCertificateCommand({ setAsActive: true });
      return calling('iot:CreateKeysAndCertificate', '*', () => this.#client.send(request));
    }
    if (csrPem === '' || csrPem.length > LONGEST_CSR)
      throw new RefusedError('csr', `must have 1 to ${LONGEST_CSR} characters`);
    const request = new CreateCertificateFromCsrCommand({
      certificateSigningRequest: csrPem,
      setAsActive: true,
    });
    return calling('iot:CreateCertificateFromCsr', '*', async () => {
      try {
        return await this.#client.send(request);
      } catch (error) {
        if (error instanceof InvalidRequestException)
          throw new RefusedError('csr', error.message.slice(0, 300));
        throw error;
      }
    });
  }

  async #brokerEndpoint(): Promise<string> {
    if (this.#endpoint !== undefined) return this.#endpoint;
    const request = new DescribeEndpointCommand({ endpointType: 'iot:Data-ATS' });
    const { endpointAddress } = await calling('iot:DescribeEndpoint', '*', () => this.#client.send(request));
    if (endpointAddress === undefined) throw new ConfigurationError('AWS IoT has no data endpoint here');
    this.#endpoint = `${endpointAddress}:${MQTT_PORT}`;
    return this.#endpoint;
  }
}

/** The roots that devices check AWS IoT against, from those that Node trusts. */
function authorityPem(): string {
  const found = rootCertificates.filter((pem) => {
    const { subject } = new X509Certificate(pem);
    return AUTHORITIES.some((name) => subject.split('\n').includes(`CN=${name}`));
  });
  if (found.length !== AUTHORITIES.length)
    throw new ConfigurationError(`Node does not know ${AUTHORITIES.join(' and ')}`);
  return `${found.join('\n')}\n`;
}
