import {
  DeleteParameterCommand,
  GetParameterCommand,
  type GetParameterCommandOutput,
} from '@aws-sdk/client-ssm';
import type { AwsClients } from './aws-clients.ts';

/** A parameter's value, decrypted; `undefined` where there is none. */
export async function readParameter(
  { ssm }: Pick<AwsClients, 'ssm'>,
  name: string,
): Promise<string | undefined> {
  try {
    const { Parameter }: GetParameterCommandOutput = await ssm.send(
      new GetParameterCommand({ Name: name, WithDecryption: true }),
    );
    return Parameter?.Value;
  } catch (error) {
    if (error instanceof Error && error.name === 'ParameterNotFound') return undefined;
    throw error;
  }
}

/** Removes a parameter; one that is not there is no fault. */
export async function removeParameter({ ssm }: Pick<AwsClients, 'ssm'>, name: string): Promise<void> {
  try {
    await ssm.send(new DeleteParameterCommand({ Name: name }));
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ParameterNotFound') throw error;
  }
}
