import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { lastingPort } from '#shared/program/testing/lasting-port.ts';
import type { World } from '#shared/world/world.ts';
import { CLIENT_SETTINGS, type ClientSettings } from '../client-settings.ts';
import { ParameterStore } from '../parameter-store.ts';

/** A service on the wire that stands in for one of AWS, as a process of its own. */
export interface Oracle {
  /** `http://127.0.0.1:<port>`. */
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** What SDK clients need beside the endpoint; the oracles look at neither region nor keys. */
export const ORACLE_SETTINGS = {
  region: 'eu-central-1',
  credentials: { accessKeyId: 'oracle', secretAccessKey: 'oracle' },
} as const;

/** The product's own settings of a client against the wire of a test; unless told, it waits as `patient` says. */
export function stubbedSettings(
  { endpoint }: { readonly endpoint: string },
  settings: ClientSettings = patient(CLIENT_SETTINGS),
) {
  return { ...settings, ...ORACLE_SETTINGS, endpoint };
}

/** The product's parameter store at the wire of a test. */
export function parametersAt({ endpoint }: { readonly endpoint: string }, world: World): ParameterStore {
  return new ParameterStore(() => ({ ...ORACLE_SETTINGS, endpoint }), world);
}

/** Settings that try as often, and wait for as long as a slow machine may take: no answer is given up that is on its way. */
export function patient(settings: ClientSettings): ClientSettings {
  const requestHandler = { ...settings.requestHandler, connectionTimeout: 60_000, requestTimeout: 60_000 };
  return { ...settings, requestHandler };
}

/** Settings under which a test does not wait long for an answer that never comes; those that come are waited for. */
export function impatient(settings: ClientSettings): ClientSettings {
  return { ...settings, requestHandler: { ...settings.requestHandler, requestTimeout: 1_400 } };
}

const ROOT = path.join(import.meta.dirname, '../../..');

/** DynamoDB: a static binary that keeps everything in memory. */
export async function startDynoxide(): Promise<Oracle> {
  const binary = path.join(ROOT, 'node_modules/@dynoxide/linux-x64/dynoxide');
  return startOracle(binary, ['--port', String(await lastingPort())]);
}

/** S3 and SQS. */
export function startFauxqs(): Promise<Oracle> {
  return startOracle(process.execPath, [path.join(import.meta.dirname, 'serve-fauxqs.ts')]);
}

/** Starts a program and resolves once it says where it serves; rejects with what it said when it ends before. */
async function startOracle(file: string, args: readonly string[]): Promise<Oracle> {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const endpoint = await addressOf(child);
  return {
    endpoint,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const hear = (chunk: Buffer) => {
      said += chunk.toString();
      const [address] = /http:\/\/127\.0\.0\.1:\d+/.exec(said) ?? [];
      if (address !== undefined) resolve(address);
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.once('error', reject);
    child.once('exit', (status) => reject(new Error(`the oracle ended with ${status} and said: ${said}`)));
  });
}
