/** How long a client waits and how often it tries. */
export interface ClientSettings {
  /** The first try and those after it. */
  readonly maxAttempts: number;
  readonly requestHandler: {
    /** Milliseconds. */
    readonly connectionTimeout: number;
    /** Milliseconds until the answer begins. */
    readonly requestTimeout: number;
    readonly throwOnRequestTimeout: true;
  };
}

/**
 * Settings of clients whose answers come in milliseconds. Region and credentials are those of the Lambda function. An answer
 * is waited for so long, then the outcome is unknown; throttles, failures and lost answers are tried again. Three tries and
 * the pauses between them end before the shortest time-out of a function (5 s), so that it says itself what went wrong.
 */
export const CLIENT_SETTINGS: ClientSettings = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 1_400, throwOnRequestTimeout: true },
};

/** Settings of clients whose answers may take seconds: the objects of S3, the registry of AWS IoT. */
export const PATIENT_SETTINGS: ClientSettings = {
  ...CLIENT_SETTINGS,
  requestHandler: { ...CLIENT_SETTINGS.requestHandler, requestTimeout: 5_000 },
};

/** Settings of clients for calls that must not be made twice. */
export const ONCE_SETTINGS: ClientSettings = { ...CLIENT_SETTINGS, maxAttempts: 1 };
