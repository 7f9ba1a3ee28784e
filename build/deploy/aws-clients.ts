import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IoTClient } from '@aws-sdk/client-iot';
import { S3Client } from '@aws-sdk/client-s3';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';

/** The clients that deploying and removing need, all for one Region. */
export interface AwsClients {
  readonly cloudFormation: CloudFormationClient;
  readonly cognito: CognitoIdentityProviderClient;
  readonly dynamodb: DynamoDBClient;
  readonly iot: IoTClient;
  readonly logs: CloudWatchLogsClient;
  readonly s3: S3Client;
  readonly ssm: SSMClient;
  readonly sts: STSClient;
}

/** Where AWS is and who calls, where not found as the AWS CLI finds them. */
export interface ClientOptions {
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** Clients for a Region, or for the one that AWS's own variables and files name. Credentials are found as the AWS CLI finds them. */
export function openClients(region: string | undefined, options: ClientOptions = {}): AwsClients {
  const settings = { ...(region !== undefined && { region }), maxAttempts: 6, ...options };
  return {
    cloudFormation: new CloudFormationClient(settings),
    cognito: new CognitoIdentityProviderClient(settings),
    dynamodb: new DynamoDBClient(settings),
    iot: new IoTClient(settings),
    logs: new CloudWatchLogsClient(settings),
    s3: new S3Client(settings),
    ssm: new SSMClient(settings),
    sts: new STSClient(settings),
  };
}
