/** A device's credentials, handed out once. */
export interface IssuedCertificate {
  /** Lower-case hex sha256 of the certificate's DER: the identity, in both homes. */
  readonly certificateId: string;
  readonly certificatePem: string;
  /** Only where the key was made here; it is not kept. */
  readonly privateKeyPem?: string;
  /** What the device checks the broker against. */
  readonly authorityPem: string;
  /** `host:port` of the broker (MQTT over TLS). */
  readonly endpoint: string;
}

/** Certificates of devices and the things they are attached to (AWS IoT registry, or the local authority). */
export interface Identity {
  /**
   * Makes the thing (or finds it), issues a certificate for it and attaches it. From the CSR (PEM, PKCS#10; its subject is
   * never read) or, without one, with a key made here. Throws `RefusedError` of the field `csr`, as the API calls it, for one
   * that does not parse or verify.
   */
  issue(request: {
    readonly thing: string;
    readonly attributes: Readonly<Record<string, string>>;
    readonly csrPem?: string;
  }): Promise<IssuedCertificate>;
  /** The certificate may connect no more; live connections of its thing are ended. */
  revoke(thing: string, certificateId: string): Promise<void>;
}
