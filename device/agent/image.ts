/** What runs on a device now. */
export interface RunningImage {
  readonly version: string;
  /** Lower-case hex sha256 of the bytes that run. */
  readonly digest: string;
  /** Of the manifest that it was installed by; 0 for what came from the factory. */
  readonly sequence: number;
  /** Whether it is permanent: a trial image is given up at the next reboot. */
  readonly confirmed: boolean;
}
