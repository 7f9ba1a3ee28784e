import type { Home } from '#shared/capabilities/home.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';

/** The AWS home: capabilities on AWS SDK v3, settings from the environment of the Lambda function. */
export function awsHome(): Home {
  throw new ConfigurationError('the AWS home is not part of this build');
}
