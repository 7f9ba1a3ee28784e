import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from '@jest/globals';
import { PLACE } from '../stacks/place.ts';
import type { Parts } from './parts.ts';

/** That the gate is one: the tests that pass through it prove nothing otherwise. */
export function describeGate({ home }: Parts): void {
  describe('the gate', () => {
    const clientOf = (key: string, change: (secret: string) => string = (secret) => secret) => {
      const found = home().functions.all.find(({ definition }) => definition.key === key);
      if (found === undefined) throw new Error(`there is no ${key}`);
      const { credentials } = home().callers.ofRole(found.definition.roleArn);
      const secretAccessKey = change(credentials.secretAccessKey);
      return new DynamoDBClient({
        region: PLACE.region,
        credentials: { ...credentials, secretAccessKey },
        maxAttempts: 1,
      });
    };
    const getItem = (table: string) =>
      new GetItemCommand({ TableName: table, Key: { pk: { S: 'any' }, sk: { S: 'any' } } });

    test('lets a function do what its role allows', async () => {
      const client = clientOf('getRollout');
      await expect(client.send(getItem('evenkeel-test-rollouts'))).resolves.toMatchObject({});
      client.destroy();
    });

    test('refuses what its role does not allow, as DynamoDB refuses it', async () => {
      const client = clientOf('getRollout');
      const refused = client.send(getItem('evenkeel-test-firmware'));
      await expect(refused).rejects.toMatchObject({ name: 'AccessDeniedException' });
      expect(home().gate.takeRefusal()).toMatchObject({
        operation: 'dynamodb:GetItem',
        reason: 'dynamodb:GetItem on arn:aws:dynamodb:eu-central-1:000000000000:table/evenkeel-test-firmware',
      });
      client.destroy();
    });

    test('refuses who signs with another secret', async () => {
      const client = clientOf('getRollout', (secret) => `${secret}0`);
      await expect(client.send(getItem('evenkeel-test-rollouts'))).rejects.toMatchObject({
        name: 'SignatureDoesNotMatch',
      });
      expect(home().gate.takeRefusal()).toMatchObject({ reason: 'the signature: SignatureDoesNotMatch' });
      client.destroy();
    });
  });
}
