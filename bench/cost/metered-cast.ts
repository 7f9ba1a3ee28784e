/** Names of the fleet whose update is metered; of a usual length, because bytes are billed. */
export const CAST = {
  tenant: 'acme',
  product: 'cam',
  hardware: 'cam-rev-b',
  /** What the devices leave the factory with, what they were updated to before, and the update that is metered. */
  versions: ['2.0.4', '2.0.5', '2.1.0'],
} as const;
