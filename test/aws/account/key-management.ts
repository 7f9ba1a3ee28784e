import { generateKeyPairSync } from 'node:crypto';
import { signDigest } from '#shared/aws/testing/ecdsa.ts';
import type { AwsRequest, AwsService } from '../gate/aws-request.ts';
import { jsonAnswer, jsonError, jsonOf, targetOf } from '../gate/json-service.ts';

interface Asked {
  readonly KeyId: string;
  readonly Message?: string;
}

/** KMS, Sign and GetPublicKey alone (a stub: no server of it can be had), with a key of its own for each of these ARNs. */
export function keyManagement(keyArns: readonly string[]): AwsService {
  const keys = new Map(keyArns.map((arn) => [arn, generateKeyPairSync('ec', { namedCurve: 'prime256v1' })]));
  const operationOf = (request: AwsRequest) => `kms:${targetOf(request)}`;
  return {
    operationOf,
    rightsOf: (request) => [{ action: operationOf(request), arn: jsonOf<Asked>(request).KeyId }],
    async answer(request) {
      const { KeyId, Message = '' } = jsonOf<Asked>(request);
      const key = keys.get(KeyId);
      if (key === undefined) return jsonError(400, 'NotFoundException', `there is no ${KeyId}`);
      switch (operationOf(request)) {
        case 'kms:GetPublicKey': {
          const spki = key.publicKey.export({ type: 'spki', format: 'der' });
          return jsonAnswer({ KeyId, KeySpec: 'ECC_NIST_P256', PublicKey: spki.toString('base64') });
        }
        case 'kms:Sign': {
          const signature = signDigest(Buffer.from(Message, 'base64'), key.privateKey).toString('base64');
          return jsonAnswer({ KeyId, Signature: signature, SigningAlgorithm: 'ECDSA_SHA_256' });
        }
        default:
          return jsonError(400, 'UnsupportedOperationException', operationOf(request));
      }
    },
    error: jsonError,
  };
}
