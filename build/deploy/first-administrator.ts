import { AdminCreateUserCommand } from '@aws-sdk/client-cognito-identity-provider';
import type { AwsClients } from './aws-clients.ts';

/** Who may do everything in a tenant. */
export interface Administrator {
  readonly email: string;
  readonly tenant: string;
}

/** Invites an administrator by mail, with a password for the first login. `there`: the pool has a user of that address, who is left as they are. */
export async function inviteAdministrator(
  { cognito }: Pick<AwsClients, 'cognito'>,
  userPoolId: string,
  { email, tenant }: Administrator,
): Promise<'invited' | 'there'> {
  try {
    await cognito.send(
      new AdminCreateUserCommand({
        UserPoolId: userPoolId,
        Username: email,
        DesiredDeliveryMediums: ['EMAIL'],
        UserAttributes: [
          { Name: 'email', Value: email },
          { Name: 'email_verified', Value: 'true' },
          { Name: 'custom:tenant', Value: tenant },
          { Name: 'custom:role', Value: 'admin' },
        ],
      }),
    );
    return 'invited';
  } catch (error) {
    if (error instanceof Error && error.name === 'UsernameExistsException') return 'there';
    throw error;
  }
}
