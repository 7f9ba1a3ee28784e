import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Root of the repository: the folder of the platform stack. */
export const ROOT = path.join(import.meta.dirname, '..');
const FRAMEWORK = path.join(ROOT, 'node_modules/serverless/bin/serverless.js');

/** Where a stack is packaged for, and where to. */
export interface PackageOptions {
  readonly stage: string;
  readonly region: string;
  /** Absolute path; each stack gets a folder in it. Not below `.serverless`, which the framework empties. */
  readonly out: string;
  /** Whether new versions get traffic step by step; they do unless told. */
  readonly canary?: boolean;
  /** Hears of each stack when it is done. */
  readonly onPackaged?: (stack: PackagedStack) => void;
}

/** A stack as the framework packaged it, or what it said instead. */
export interface PackagedStack {
  /** `platform`, or the service's folder. */
  readonly name: string;
  /** Folder of the template and the bundles. */
  readonly folder: string;
  /** Warnings and errors; a stack without any is packaged. */
  readonly complaints: readonly string[];
  readonly seconds: number;
}

/** The platform stack and every service, by name and folder. */
export function stacks(): readonly { readonly name: string; readonly folder: string }[] {
  const services = path.join(ROOT, 'services');
  const named = readdirSync(services)
    .filter((name) => existsSync(path.join(services, name, 'serverless.yml')))
    .map((name) => ({ name, folder: path.join(services, name) }));
  return [{ name: 'platform', folder: ROOT }, ...named];
}

/** Packages all stacks, two at a time, offline and without credentials. */
export async function packageStacks(options: PackageOptions): Promise<PackagedStack[]> {
  const waiting = [...stacks()];
  const packaged: PackagedStack[] = [];
  const lane = async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const stack = await packageStack(next, options);
      packaged.push(stack);
      options.onPackaged?.(stack);
    }
  };
  await Promise.all([lane(), lane()]);
  return packaged.sort((one, other) => one.name.localeCompare(other.name));
}

/** Packages one stack, from the folder that it is in. */
export async function packageStack(
  { name, folder }: { readonly name: string; readonly folder: string },
  { stage, region, out, canary = true }: PackageOptions,
): Promise<PackagedStack> {
  const target = path.join(out, name);
  mkdirSync(target, { recursive: true });
  const startedMs = performance.now();
  const place = ['--stage', stage, '--region', region, '--param', `canary=${canary ? 'on' : 'off'}`];
  const said = await runFramework(folder, [...place, '--package', target]);
  return {
    name,
    folder: target,
    complaints: complaintsIn(said),
    seconds: (performance.now() - startedMs) / 1000,
  };
}

interface Said {
  readonly status: number | null;
  readonly text: string;
}

/** The framework gets nothing of the environment but where programs and its own files are: no credentials, no telemetry. */
async function runFramework(folder: string, args: readonly string[]): Promise<Said> {
  // It leaves a folder for each function among the temporary files.
  const scratch = mkdtempSync(path.join(tmpdir(), 'evenkeel-framework-'));
  try {
    return await runFrameworkIn(scratch, folder, args);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function runFrameworkIn(scratch: string, folder: string, args: readonly string[]): Promise<Said> {
  const { PATH = '', HOME = '' } = process.env;
  const quiet = { SLS_TELEMETRY_DISABLED: '1', SLS_NOTIFICATIONS_MODE: 'off', NODE_NO_WARNINGS: '1' };
  const child = spawn(process.execPath, [FRAMEWORK, 'package', ...args], {
    cwd: folder,
    env: { PATH, HOME, TMPDIR: scratch, ...quiet },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const hear = (chunk: Buffer) => {
    text += chunk.toString();
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, text }));
  });
}

function complaintsIn({ status, text }: Said): string[] {
  if (status !== 0) return [text.trim() || `the framework ended with ${String(status)}`];
  return text.split('\n').filter((line) => /\b(warning|deprecat|error)/i.test(line));
}
