import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { isAbsent } from '#device/agent/io/file-errors.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import type { Backend } from './fleet.ts';

const port = z.number().int().min(1).max(65_535);
const HostFile = z.object({
  name: z.string(),
  mqttPort: port,
  httpPort: port,
  authority: z.string(),
  adminToken: z.string(),
});

/** The backend that serves from `directory` on this machine. Throws `ConfigurationError` when none does. */
export async function readHostDirectory(directory: string): Promise<Backend> {
  let text: string;
  try {
    text = await readFile(join(directory, 'host.json'), 'utf8');
  } catch (error) {
    if (!isAbsent(error)) throw error;
    throw new ConfigurationError(
      `nothing serves from ${directory}: start it with "npm start -- --data ${directory}"`,
    );
  }
  const { name, mqttPort, httpPort, authority, adminToken } = HostFile.parse(JSON.parse(text));
  const [authorityPem, token] = await Promise.all([
    readFile(authority, 'utf8'),
    readFile(adminToken, 'utf8'),
  ]);
  return { name, mqttPort, httpPort, authorityPem, token: token.trim() };
}
