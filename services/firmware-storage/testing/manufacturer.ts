import { createHash, generateKeyPairSync } from 'node:crypto';
import type { Manifest } from '#shared/contracts/manifest.ts';
import { type ManifestSignature, signManifest } from '#shared/firmware/signature.ts';
import type { LambdaFunction } from '#shared/lambda/lambda-function.ts';
import type { HttpEvent, HttpResponse } from '#shared/lambda/on-http.ts';
import { uploadKey } from '../domain/object-keys.ts';
import { handler as addSigningKey } from '../functions/add-signing-key/handler.ts';
import { handler as createProduct } from '../functions/create-product/handler.ts';
import { handler as createRelease } from '../functions/create-release/handler.ts';
import { handler as publishRelease } from '../functions/publish-release/handler.ts';
import type { FirmwareHome } from './firmware-home.ts';

/** What a request says, besides who sends it. */
export interface RequestParts {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Instead of a manufacturer `ada` of tenant `acme`. */
  readonly claims?: Readonly<Record<string, string>>;
}

/** The answer to a request. */
export interface Reply {
  readonly status: number;
  readonly answer: unknown;
}

/** Firmware images by hardware. */
export type Images = Readonly<Record<string, Uint8Array>>;

/** An Ed25519 key pair as a manufacturer keeps it. */
export function newSigner(): { readonly publicKey: string; readonly privateKey: string } {
  const pair = generateKeyPairSync('ed25519');
  return {
    publicKey: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    privateKey: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** The manifest that promises these images. */
export function manifestOf(images: Images, facts: Partial<Manifest> = {}): Manifest {
  const artifacts = Object.entries(images).map(([hardware, bytes]) => ({
    hardware,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    sizeBytes: bytes.length,
  }));
  return { v: 1, product: 'cam', version: '2.1.0', sequence: 1, artifacts, ...facts };
}

/** The body of a request that makes a release of that text. */
export function signedBody(
  text: string,
  privateKey: string,
): { readonly manifest: string; readonly signature: ManifestSignature } {
  const bytes = Buffer.from(text);
  return { manifest: bytes.toString('base64'), signature: signManifest(bytes, privateKey) };
}

/** Somebody who uses the HTTP API of a home. */
export class Manufacturer {
  readonly home: FirmwareHome;
  readonly signer = newSigner();

  constructor(home: FirmwareHome) {
    this.home = home;
  }

  /** Sends a request to a function of the API. */
  async call(handler: LambdaFunction<HttpEvent, HttpResponse>, parts: RequestParts = {}): Promise<Reply> {
    const { params, query, body, claims } = parts;
    const { statusCode, body: text } = await this.home.invoke(handler, {
      rawPath: '/',
      isBase64Encoded: false,
      ...(params && { pathParameters: params }),
      ...(query && { queryStringParameters: query }),
      ...(body !== undefined && { body: JSON.stringify(body) }),
      requestContext: {
        authorizer: { jwt: { claims: { tenant: 'acme', sub: 'ada', role: 'manufacturer', ...claims } } },
      },
    });
    return { status: statusCode, answer: JSON.parse(text) };
  }

  /** Makes the product `cam` for two boards, with this manufacturer's key. */
  async makeProduct(claims: Readonly<Record<string, string>> = {}): Promise<void> {
    const body = { product: 'cam', hardware: ['cam-rev-b', 'cam-rev-c'] };
    await this.call(createProduct, { body, claims });
    const key = { name: 'build', publicKey: this.signer.publicKey };
    await this.call(addSigningKey, { params: { product: 'cam' }, body: key, claims });
  }

  /** Makes a draft release that promises these images. */
  makeRelease(images: Images, facts: Partial<Manifest> = {}): Promise<Reply> {
    const text = JSON.stringify(manifestOf(images, facts));
    return this.call(createRelease, { body: signedBody(text, this.signer.privateKey) });
  }

  /** Lets bytes appear where an upload of version 2.1.0 ends, without asking anybody. */
  async putUpload(hardware: string, bytes: Uint8Array, version = '2.1.0'): Promise<void> {
    await this.home.bucket.put(uploadKey({ tenant: 'acme', product: 'cam', version, hardware }), bytes);
  }

  /** Makes a product with one release, uploads and publishes it. */
  async publishFirst(images: Images): Promise<void> {
    await this.makeProduct();
    await this.makeRelease(images);
    for (const [hardware, bytes] of Object.entries(images)) await this.putUpload(hardware, bytes);
    await this.home.deliverUploads();
    await this.call(publishRelease, { params: { product: 'cam', version: '2.1.0' } });
  }
}
