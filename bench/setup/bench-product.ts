/** The product of all benchmarks, and the hardware of its devices. */
export const PRODUCT = 'bench-cam';
export const HARDWARE = 'bench-cam-rev-a';
/** The version that devices run, and the one that is rolled out. */
export const FROM_VERSION = '1.0.0';
export const TO_VERSION = '1.1.0';
