import * as z from 'zod';
import { EpochMs, Hardware, ProductName, ReasonText, ReleaseName, Sha256, VersionText } from '../names.ts';
import { defineRoute, Paging } from './route.ts';

const OneProduct = z.strictObject({ product: ProductName });
const OneRelease = z.strictObject({ product: ProductName, version: VersionText });
const OneKey = z.strictObject({ product: ProductName, keyId: Sha256 });
const OneArtifact = z.strictObject({ product: ProductName, version: VersionText, hardware: Hardware });

/** Hardware ids that a product has at most. */
export const MAX_HARDWARE = 64;

/** A line of devices that share firmware. */
export const ProductView = z.object({
  product: ProductName,
  hardware: z.array(Hardware),
  keys: z.array(
    z.object({
      keyId: Sha256,
      name: z.string(),
      addedAtMs: EpochMs,
      /** Since when it signs nothing any more, and why: absent while the product trusts it. */
      withdrawn: z.object({ atMs: EpochMs, reason: z.string() }).optional(),
    }),
  ),
  lastSequence: z.number().int().min(0),
  createdAtMs: EpochMs,
});
export type ProductView = z.infer<typeof ProductView>;

/** States of a release. `rejected` and `revoked` are final; `revoking` waits for the orchestrator's acknowledgement. */
export const ReleaseState = z.enum(['draft', 'verified', 'rejected', 'published', 'revoking', 'revoked']);
export type ReleaseState = z.infer<typeof ReleaseState>;

/** A release with the state of each artifact. */
export const ReleaseView = z.object({
  release: ReleaseName,
  product: ProductName,
  version: VersionText,
  sequence: z.number().int(),
  /** Which key has signed it; a backend of before 27 November 2026 does not say. */
  keyId: Sha256.optional(),
  state: ReleaseState,
  /** Why it was rejected or revoked: field and rule, or the person's reason. */
  reason: z.string().optional(),
  artifacts: z.array(
    z.object({
      hardware: Hardware,
      sha256: Sha256,
      sizeBytes: z.number().int(),
      state: z.enum(['awaiting-upload', 'verifying', 'verified', 'rejected']),
    }),
  ),
  createdAtMs: EpochMs,
  publishedAtMs: EpochMs.optional(),
});
export type ReleaseView = z.infer<typeof ReleaseView>;

/** Where to PUT the parts of an artifact. */
export const UploadView = z.object({
  uploadId: z.string(),
  partSizeBytes: z.number().int(),
  parts: z.array(
    z.object({
      number: z.number().int(),
      url: z.string(),
      /** Of what the bucket has for it already, from an upload that was interrupted: its MD5 in hex on AWS, its sha256 on one machine. */
      etag: z.string().optional(),
    }),
  ),
  expiresAtMs: EpochMs,
});

/** Hardware ids as a request names them. */
const SomeHardware = z
  .array(Hardware)
  .min(1)
  .max(MAX_HARDWARE)
  .refine((all) => new Set(all).size === all.length, 'must not repeat a hardware id');

/** Makes a product. */
export const CreateProduct = defineRoute({
  method: 'POST',
  path: '/products',
  summary: 'Create a product with its hardware ids',
  role: 'manufacturer',
  body: z.strictObject({ product: ProductName, hardware: SomeHardware }),
  answer: ProductView,
  status: 201,
});
/** Products of the tenant in order of name. */
export const ListProducts = defineRoute({
  method: 'GET',
  path: '/products',
  summary: 'List the products of the tenant in order of name',
  role: 'viewer',
  query: z.strictObject(Paging),
  answer: z.object({ products: z.array(ProductView), cursor: z.string().optional() }),
});
/** One product. */
export const GetProduct = defineRoute({
  method: 'GET',
  path: '/products/{product}',
  summary: 'Show a product and its signing keys',
  role: 'viewer',
  params: OneProduct,
  answer: ProductView,
});
/** Adds hardware ids to a product: a new revision of a board. None is ever taken away, since devices have it. */
export const AddHardware = defineRoute({
  method: 'POST',
  path: '/products/{product}/hardware',
  summary: 'Add hardware ids to a product, such as a new revision of a board',
  role: 'manufacturer',
  params: OneProduct,
  body: z.strictObject({ hardware: SomeHardware }),
  answer: ProductView,
});
/** Makes a public key known that signs releases of a product. */
export const AddSigningKey = defineRoute({
  method: 'POST',
  path: '/products/{product}/keys',
  summary: 'Add an Ed25519 public key that signs releases; the private key stays with the manufacturer',
  role: 'manufacturer',
  params: OneProduct,
  body: z.strictObject({
    name: z.string().regex(/^[a-z0-9-]{1,32}$/, 'must be 1 to 32 of a-z, 0-9 and -'),
    /** SPKI in PEM (RFC 8410). */
    publicKey: z.string().max(1024),
  }),
  answer: ProductView,
  status: 201,
});
/** Takes a key back, for ever: nothing that it has signed is taken or published any more. */
export const WithdrawSigningKey = defineRoute({
  method: 'POST',
  path: '/products/{product}/keys/{keyId}/withdraw',
  summary: 'Withdraw a signing key for ever: no release that it has signed is created or published any more',
  role: 'manufacturer',
  params: OneKey,
  body: z.strictObject({
    reason: ReasonText,
    /** Must be true where it is the only key that the product trusts: devices that trust no other can then never be updated again. */
    leaveNone: z.boolean().exactOptional(),
  }),
  answer: ProductView,
});
/** Makes a draft release from its signed manifest. */
export const CreateRelease = defineRoute({
  method: 'POST',
  path: '/releases',
  summary: 'Create a release from its signed manifest',
  role: 'manufacturer',
  body: z.strictObject({
    /** The signed bytes, base64, at most 2,560 bytes of JSON. */
    manifest: z.base64().max(4096),
    signature: z.strictObject({ keyId: Sha256, value: z.base64().max(128) }),
  }),
  answer: ReleaseView,
  status: 201,
});
/** Begins (or begins again) the upload of one artifact. */
export const BeginUpload = defineRoute({
  method: 'POST',
  path: '/releases/{product}/{version}/uploads/{hardware}',
  summary: 'Begin the upload of one artifact and get presigned URLs for its parts',
  role: 'manufacturer',
  params: OneArtifact,
  answer: UploadView,
  status: 201,
});
/** Puts the uploaded parts together; verification follows by itself. */
export const CompleteUpload = defineRoute({
  method: 'POST',
  path: '/releases/{product}/{version}/uploads/{hardware}/complete',
  summary: 'Complete the upload of one artifact; its verification follows by itself',
  role: 'manufacturer',
  params: OneArtifact,
  body: z.strictObject({
    uploadId: z.string().max(1024),
    parts: z
      .array(z.strictObject({ number: z.number().int().min(1).max(10_000), etag: z.string().max(128) }))
      .min(1)
      .max(10_000),
  }),
  answer: ReleaseView,
  status: 202,
});
/** One release. */
export const GetRelease = defineRoute({
  method: 'GET',
  path: '/releases/{product}/{version}',
  summary: 'Show a release and the state of its artifacts',
  role: 'viewer',
  params: OneRelease,
  answer: ReleaseView,
});
/** Releases of a product, newest first. */
export const ListReleases = defineRoute({
  method: 'GET',
  path: '/products/{product}/releases',
  summary: 'List the releases of a product, newest first',
  role: 'viewer',
  params: OneProduct,
  query: z.strictObject(Paging),
  answer: z.object({ releases: z.array(ReleaseView), cursor: z.string().optional() }),
});
/** Allows a verified release to be rolled out. */
export const PublishRelease = defineRoute({
  method: 'POST',
  path: '/releases/{product}/{version}/publish',
  summary: 'Publish a verified release, so that it may be rolled out',
  role: 'manufacturer',
  params: OneRelease,
  answer: ReleaseView,
});
/** Withdraws a release; the state is `revoked` once the orchestrator has acknowledged. */
export const RevokeRelease = defineRoute({
  method: 'POST',
  path: '/releases/{product}/{version}/revoke',
  summary: 'Withdraw a release: no offer or permit follows once its state is revoked',
  role: 'manufacturer',
  params: OneRelease,
  body: z.strictObject({ reason: ReasonText }),
  answer: ReleaseView,
  status: 202,
});
/** A short-lived URL for the bytes of one artifact. */
export const CreateDownloadUrl = defineRoute({
  method: 'POST',
  path: '/releases/{product}/{version}/artifacts/{hardware}/url',
  summary: 'Get a download URL for one artifact, valid for 15 minutes',
  role: 'viewer',
  params: OneArtifact,
  answer: z.object({ url: z.string(), sha256: Sha256, sizeBytes: z.number().int(), expiresAtMs: EpochMs }),
  status: 201,
});
