import { mkdir, readFile } from 'node:fs/promises';
import { type Agent, request } from 'node:https';
import { join } from 'node:path';
import * as z from 'zod';
import { replaceFile } from '#device/agent/io/replace-file.ts';
import { RegisterDevice } from '#shared/contracts/api/devices.ts';
import { parseJson } from '#shared/contracts/parse-json.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { isAbsent } from '#shared/program/error-code.ts';

/** What a device needs to connect, as its file in the fleet's directory holds it. */
export const Identity = z.strictObject({
  thing: z.string(),
  certificate: z.string(),
  privateKey: z.string(),
});
export type Identity = z.infer<typeof Identity>;

/** The API of the backend, as a manufacturer may use it. */
export interface EnrolmentApi {
  readonly host: string;
  readonly port: number;
  readonly token: string;
  /** Trusts the authority of the backend. */
  readonly agent: Agent;
}

/** What a device is registered as. */
export interface Enrolment {
  readonly deviceId: string;
  readonly product: string;
  readonly hardware: string;
  readonly tags: readonly string[];
}

const ANSWER_MS = 60_000;
const MAX_ANSWER_CHARACTERS = 65_536;

/**
 * The identity of a device: from its directory, or from the backend, which registers it and makes its key. Throws
 * `ConfigurationError` where the device is registered already and its key is not here.
 */
export async function identityOf(
  directory: string,
  enrolment: Enrolment,
  api: EnrolmentApi,
): Promise<Identity> {
  const path = join(directory, 'identity.json');
  try {
    const kept = Identity.safeParse(parseJson(await readFile(path, 'utf8')));
    if (kept.success) return kept.data;
    throw new ConfigurationError(
      `${path} is not what a fleet writes: remove it, and choose another --prefix`,
    );
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
  const { status, text } = await post(api, RegisterDevice.path, enrolment);
  if (status !== 201) {
    const hint = status === 409 ? '; its key is not here, so choose another --prefix or decommission it' : '';
    throw new ConfigurationError(`registering ${enrolment.deviceId} was answered ${status}: ${text}${hint}`);
  }
  const { thing, certificate, privateKey } = RegisterDevice.answer.parse(JSON.parse(text));
  const identity = Identity.parse({ thing, certificate, privateKey });
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await replaceFile(path, JSON.stringify(identity), { durable: true });
  return identity;
}

function post(
  { host, port, token, agent }: EnrolmentApi,
  path: string,
  body: unknown,
): Promise<{ status: number; text: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const asked = request({ host, port, path, method: 'POST', agent, headers });
  asked.setTimeout(ANSWER_MS, () =>
    asked.destroy(new Error(`${host} did not answer within ${ANSWER_MS} ms`)),
  );
  asked.on('error', (cause) =>
    reject(
      new ConfigurationError(
        `${host}:${port} cannot be asked to register devices (${cause.message}): is the host running?`,
        { cause },
      ),
    ),
  );
  asked.on('response', (response) => {
    let text = '';
    response.setEncoding('utf8');
    response.on('data', (part: string) => {
      text += part;
      if (text.length > MAX_ANSWER_CHARACTERS) response.destroy(new Error('the answer is too long'));
    });
    response.on('error', reject);
    response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
  });
  asked.end(JSON.stringify(body));
  return promise;
}
