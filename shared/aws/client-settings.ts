/**
 * Settings of every client. Region and credentials are those of the Lambda function; an answer is waited for so long, then
 * the outcome is unknown. The SDK tries three times (its default) where a client does not say otherwise.
 */
export const CLIENT_SETTINGS = {
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
} as const;
