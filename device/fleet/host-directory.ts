import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { HOST_FILE, HostFile } from '#shared/contracts/host-file.ts';
import { parseJson } from '#shared/contracts/parse-json.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { isAbsent } from '#shared/program/error-code.ts';
import type { Backend } from './fleet.ts';

/** The backend that serves from `directory` on this machine. Throws `ConfigurationError` when none does. */
export async function readHostDirectory(directory: string): Promise<Backend> {
  const file = join(directory, HOST_FILE);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (!isAbsent(error)) throw error;
    throw new ConfigurationError(
      `nothing serves from ${directory}: start it with "npm start -- --data ${directory}"`,
    );
  }
  const read = HostFile.safeParse(parseJson(text));
  if (!read.success) throw new ConfigurationError(`${file} is not what a host writes`);
  const { name, mqttPort, httpPort, authority, adminToken } = read.data;
  const [authorityPem, token] = await Promise.all([
    readFile(resolve(directory, authority), 'utf8'),
    readFile(resolve(directory, adminToken), 'utf8'),
  ]);
  return { name, mqttPort, httpPort, authorityPem, token: token.trim() };
}
