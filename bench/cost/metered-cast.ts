/** Names of the fleet whose update is metered; of a usual length, because bytes are billed. */
export const CAST = {
  tenant: 'acme',
  product: 'cam',
  hardware: 'cam-rev-b',
  before: '2.0.4',
  after: '2.1.0',
  release: 'cam/2.1.0',
} as const;
