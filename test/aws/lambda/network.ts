import tls from 'node:tls';

/** Where connections to AWS are led to instead, and by what it is trusted. */
export interface Network {
  readonly port: number;
  readonly authorityPem: string;
}

const OF_AWS = /\.(amazonaws\.com|cloudfront\.net)$/;

/**
 * From now on every TLS connection of this process to a host of AWS goes to a port of the loopback, as if the network led
 * there; names, certificates and everything else stay as they are. Answers how to undo it.
 */
export function leadAwsTo({ port, authorityPem }: Network): () => void {
  const { connect } = tls;
  // Nothing else is talked to by a default.
  tls.setDefaultCACertificates([authorityPem]);
  tls.connect = ((options: tls.ConnectionOptions, ...rest: readonly (() => void)[]) => {
    const { host = '' } = options;
    const led = OF_AWS.test(host) ? { ...options, host: '127.0.0.1', port, servername: host } : options;
    return connect(led, ...rest);
    // The overloads of `connect` that take no options are not used by node:https.
  }) as typeof tls.connect;
  return () => {
    tls.connect = connect;
    tls.setDefaultCACertificates([...tls.rootCertificates]);
  };
}
