/** The product of all benchmarks, and the hardware of its devices. */
export const PRODUCT = 'bench-cam';
/** The one board that it is built for. */
export const HARDWARE = 'bench-cam-rev-a';
/** The version that devices run, and the one that is rolled out. */
export const FROM_VERSION = '1.0.0';
/** The version that is rolled out. */
export const TO_VERSION = '1.1.0';
