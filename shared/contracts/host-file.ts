import * as z from 'zod';

/** The file in the data directory of a host by which others on this machine find it; it is there while the host serves. */
export const HOST_FILE = 'host.json';

const Port = z.number().int().min(1).max(65_535);

/** What a host says of itself there. */
export const HostFile = z.object({
  /** The name that its certificates say. */
  name: z.string(),
  mqttPort: Port,
  httpPort: Port,
  pid: z.number().int(),
  /** Path of the certificate that both servers' certificates are signed by (PEM). */
  authority: z.string(),
  /** Path of the token of the first admin. */
  adminToken: z.string(),
});
export type HostFile = Readonly<z.infer<typeof HostFile>>;
