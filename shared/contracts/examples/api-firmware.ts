import type { ProductView, ReleaseView } from '../api/firmware.ts';
import type { ExamplesOf } from './api.ts';

const sha256 = 'b'.repeat(64);
const keyId = 'a'.repeat(64);
const product: ProductView = {
  product: 'cam',
  hardware: ['cam-rev-b', 'cam-rev-c'],
  keys: [{ keyId, name: 'main', addedAtMs: 1_780_000_000_000 }],
  lastSequence: 7,
  createdAtMs: 1_780_000_000_000,
};
const leaked = 'a build machine was broken into';
const withoutKey: ProductView = {
  ...product,
  keys: product.keys.map((key) => ({ ...key, withdrawn: { atMs: 1_780_000_900_000, reason: leaked } })),
};
const artifact = { hardware: 'cam-rev-b', sha256, sizeBytes: 20_971_520 };
const draft: ReleaseView = {
  release: 'cam/2.1.0',
  product: 'cam',
  version: '2.1.0',
  sequence: 7,
  state: 'draft',
  artifacts: [{ ...artifact, state: 'awaiting-upload' }],
  createdAtMs: 1_780_000_000_000,
};
const verifying: ReleaseView = { ...draft, artifacts: [{ ...artifact, state: 'verifying' }] };
const verified: ReleaseView = {
  ...draft,
  state: 'verified',
  artifacts: [{ ...artifact, state: 'verified' }],
};
const rejected: ReleaseView = {
  ...draft,
  state: 'rejected',
  reason: 'sha256: must be that of the manifest',
  artifacts: [{ ...artifact, state: 'rejected' }],
};
const published: ReleaseView = { ...verified, state: 'published', publishedAtMs: 1_780_000_500_000 };
const reason = 'bootloader erases calibration';
const revoking: ReleaseView = { ...published, state: 'revoking', reason };
const revoked: ReleaseView = { ...published, state: 'revoked', reason };
const one = { params: { product: 'cam', version: '2.1.0' } };
const oneArtifact = { params: { ...one.params, hardware: 'cam-rev-b' } };

/** Examples of the firmware routes. */
export const FIRMWARE_ROUTES: ExamplesOf<
  | 'createProduct'
  | 'listProducts'
  | 'getProduct'
  | 'addHardware'
  | 'addSigningKey'
  | 'withdrawSigningKey'
  | 'createRelease'
  | 'beginUpload'
  | 'completeUpload'
  | 'getRelease'
  | 'listReleases'
  | 'publishRelease'
  | 'revokeRelease'
  | 'createDownloadUrl'
> = {
  createProduct: {
    request: { twoBoards: { body: { product: 'cam', hardware: ['cam-rev-b', 'cam-rev-c'] } } },
    answer: { created: { ...product, keys: [], lastSequence: 0 } },
  },
  listProducts: {
    request: { first: {}, next: { query: { limit: '20', cursor: 'ZG9vcmJlbGw' } } },
    answer: {
      page: { products: [product, { ...withoutKey, product: 'doorbell' }], cursor: 'ZG9vcmJlbGw' },
      last: { products: [] },
    },
  },
  getProduct: { request: { one: { params: { product: 'cam' } } }, answer: { withKey: product } },
  addHardware: {
    request: { newBoard: { params: { product: 'cam' }, body: { hardware: ['cam-rev-d'] } } },
    answer: { added: { ...product, hardware: [...product.hardware, 'cam-rev-d'] } },
  },
  addSigningKey: {
    request: {
      ed25519: {
        params: { product: 'cam' },
        body: {
          name: 'main',
          publicKey: '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----\n',
        },
      },
    },
    answer: { added: product },
  },
  withdrawSigningKey: {
    request: {
      leaked: { params: { product: 'cam', keyId }, body: { reason: leaked } },
      theOnlyOne: { params: { product: 'cam', keyId }, body: { reason: leaked, leaveNone: true } },
    },
    answer: { withdrawn: withoutKey },
  },
  createRelease: {
    request: {
      signed: { body: { manifest: 'eyJ2IjoxfQ==', signature: { keyId, value: 'c2lnbmF0dXJl' } } },
    },
    answer: { draft },
  },
  beginUpload: {
    request: { oneArtifact },
    answer: {
      twoParts: {
        uploadId: 'upload-1',
        partSizeBytes: 16_777_216,
        parts: [
          { number: 1, url: 'https://bucket.example/uploads/1' },
          { number: 2, url: 'https://bucket.example/uploads/2' },
        ],
        expiresAtMs: 1_780_000_900_000,
      },
      goesOn: {
        uploadId: 'upload-1',
        partSizeBytes: 16_777_216,
        parts: [
          { number: 1, url: 'https://bucket.example/uploads/1', etag: 'e'.repeat(32) },
          { number: 2, url: 'https://bucket.example/uploads/2' },
        ],
        expiresAtMs: 1_780_000_900_000,
      },
    },
  },
  completeUpload: {
    request: {
      oneArtifact: {
        ...oneArtifact,
        body: { uploadId: 'upload-1', parts: [{ number: 1, etag: '"0cc175b9"' }] },
      },
    },
    answer: { verifying },
  },
  getRelease: {
    request: { one },
    answer: {
      draft,
      verifying,
      verified,
      rejected,
      published,
      revoking,
      revoked,
      withKey: { ...published, keyId },
    },
  },
  listReleases: {
    request: {
      first: { params: { product: 'cam' } },
      next: { params: { product: 'cam' }, query: { limit: '20', cursor: 'c2VxdWVuY2U' } },
    },
    answer: {
      page: { releases: [published, rejected], cursor: 'c2VxdWVuY2U' },
      last: { releases: [] },
      withKeys: { releases: [{ ...published, keyId }] },
    },
  },
  publishRelease: { request: { one }, answer: { published } },
  revokeRelease: {
    request: { withReason: { ...one, body: { reason } } },
    answer: { revoking, neverPublished: { ...verified, state: 'revoked', reason } },
  },
  createDownloadUrl: {
    request: { oneArtifact },
    answer: {
      url: {
        url: 'https://firmware.example/artifacts/b',
        sha256,
        sizeBytes: 20_971_520,
        expiresAtMs: 1_780_000_900_000,
      },
    },
  },
};
