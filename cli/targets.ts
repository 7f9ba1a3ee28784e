import { mkdir, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import * as z from 'zod';
import { HOST_FILE, HostFile } from '#shared/contracts/host-file.ts';
import { parseJson } from '#shared/contracts/parse-json.ts';
import { faultOf } from '#shared/errors/fault-of.ts';
import { errorCode, isAbsent } from '#shared/program/error-code.ts';
import type { ApiAccess } from './api-client.ts';
import { NotLoggedInError, UnreachableError, UsageError } from './errors.ts';
import { replaceFile, whyNot } from './files.ts';

const TargetName = z.string().regex(/^[a-z0-9][a-z0-9.-]{0,63}$/);

/** A backend whose tokens an OpenID Connect issuer gives, as those on AWS. */
const OidcTarget = z.strictObject({
  kind: z.literal('oidc'),
  url: z.string(),
  issuer: z.string(),
  clientId: z.string(),
  /** Host name to which devices connect, where it is known. */
  deviceEndpoint: z.string().optional(),
  caPem: z.string().optional(),
  session: z.discriminatedUnion('by', [
    z.strictObject({
      by: z.literal('person'),
      idToken: z.string(),
      expiresAtMs: z.number(),
      refreshToken: z.string().optional(),
    }),
    /** Something else writes a token there, and renews it; the file is read anew for each call. */
    z.strictObject({ by: z.literal('file'), file: z.string() }),
  ]),
});
export type OidcTarget = z.infer<typeof OidcTarget>;

/** A backend that somebody logged in to: a host on this machine by its data directory, or any other by its address. */
const Target = z.discriminatedUnion('kind', [
  OidcTarget,
  z.strictObject({ kind: z.literal('data'), directory: z.string() }),
  z.strictObject({
    kind: z.literal('url'),
    url: z.string(),
    token: z.string(),
    caPem: z.string().optional(),
  }),
]);
export type Target = z.infer<typeof Target>;

const TargetsFile = z.strictObject({
  v: z.literal(1),
  /** Name of the target that is used when none is named. */
  current: TargetName.optional(),
  targets: z.record(TargetName, Target),
});
export type Targets = z.infer<typeof TargetsFile>;

/** Where targets are kept: `EVENKEEL_CONFIG`, else `evenkeel/targets.json` in `XDG_CONFIG_HOME` or `~/.config`. */
export function targetsPath(env: Readonly<Record<string, string | undefined>>): string {
  const { EVENKEEL_CONFIG: named, XDG_CONFIG_HOME: configHome } = env;
  if (named !== undefined && named !== '') return path.resolve(named);
  const home = configHome !== undefined && configHome !== '' ? configHome : path.join(homedir(), '.config');
  return path.join(home, 'evenkeel', 'targets.json');
}

/** All targets; none where the file is missing. Throws `NotLoggedInError` for a file that is broken, that others may read, or that is none. */
export async function readTargets(file: string): Promise<Targets> {
  let text: string;
  try {
    const found = await stat(file);
    if (found.isFile() && (found.mode & 0o077) !== 0) {
      throw new NotLoggedInError(`${file} holds tokens and others may read it: chmod 600 ${file}`);
    }
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (isAbsent(error)) return { v: 1, targets: {} };
    if (error instanceof NotLoggedInError) throw error;
    const why = `cannot read the targets from ${file}: ${whyNot(error)}; EVENKEEL_CONFIG names another file`;
    throw new NotLoggedInError(why, { cause: error });
  }
  const read = TargetsFile.safeParse(parseJson(text));
  if (read.success) return read.data;
  throw new NotLoggedInError(`${file} is not what login writes: move it away, then log in again`);
}

/** Keeps a target under its name and makes it the current one. Throws `UsageError` for a name that cannot be one. */
export async function saveTarget(file: string, name: string, target: Target): Promise<void> {
  if (!TargetName.safeParse(name).success)
    throw new UsageError('--name must be 1 to 64 of a-z, 0-9, . and -');
  const before = await readTargets(file);
  await writeTargets(file, { v: 1, current: name, targets: { ...before.targets, [name]: target } });
}

/** Keeps a target as it is now, without making it the current one. */
export async function keepTarget(file: string, name: string, target: Target): Promise<void> {
  const before = await readTargets(file);
  await writeTargets(file, { ...before, targets: { ...before.targets, [name]: target } });
}

/** Makes a target the current one. Throws `UsageError` for one that is not there. */
export async function useTarget(file: string, name: string): Promise<void> {
  const before = await readTargets(file);
  pickTarget(before, name);
  await writeTargets(file, { ...before, current: name });
}

/** Forgets a target and its token; the current one leaves none current. Throws `UsageError` for one that is not there. */
export async function removeTarget(file: string, name: string): Promise<void> {
  const { current, ...before } = await readTargets(file);
  pickTarget(before, name);
  const { [name]: _gone, ...targets } = before.targets;
  await writeTargets(file, {
    ...before,
    targets,
    ...(current !== undefined && current !== name && { current }),
  });
}

/** The target of that name, or the current one. Throws `UsageError` for an unknown name, `NotLoggedInError` where there is none. */
export function pickTarget(targets: Targets, name: string | undefined): Target {
  return pickNamed(targets, name).target;
}

/** The same, with the name under which it is kept. */
export function pickNamed(
  { current, targets }: Targets,
  name: string | undefined,
): { readonly name: string; readonly target: Target } {
  const wanted = name ?? current;
  if (wanted === undefined && Object.keys(targets).length > 0) {
    const names = Object.keys(targets).join(', ');
    throw new UsageError(`no target is the current one: evenkeel target use NAME, one of ${names}`);
  }
  if (wanted === undefined) throw new NotLoggedInError('not logged in to any backend yet');
  const target = Object.hasOwn(targets, wanted) ? targets[wanted] : undefined;
  if (target !== undefined) return { name: wanted, target };
  const known = Object.keys(targets).join(', ') || 'none';
  throw new UsageError(`there is no target "${wanted}"; known: ${known}`);
}

/**
 * Address, token and authority of a target. Of a host on this machine they are read anew, because its port may have changed.
 * Throws `UnreachableError` when it does not serve, `NotLoggedInError` for files that are not what a host writes.
 */
export async function accessOf(target: Exclude<Target, OidcTarget>): Promise<ApiAccess> {
  if (target.kind === 'url') return target;
  const { directory } = target;
  const file = path.join(directory, HOST_FILE);
  const read = HostFile.safeParse(parseJson(await readOrMissing(file, directory)));
  if (!read.success) throw new NotLoggedInError(`${file} is not what a host writes`);
  const { name, httpPort, authority, adminToken } = read.data;
  const caPem = await readOfHost(
    path.resolve(directory, authority),
    'start the host again, which makes it anew',
  );
  const tokenFile = path.resolve(directory, adminToken);
  // By way of a new file: a command that is refused has emptied the file that its output goes to.
  const remedy =
    `make another: (umask 077; npm run --silent token -- --data ${directory} --name admin --role admin > ${tokenFile}.new) ` +
    `&& mv ${tokenFile}.new ${tokenFile}, with --tenant NAME where there are several`;
  const token = await readOfHost(tokenFile, remedy);
  return {
    url: `https://${name}:${httpPort}`,
    token: checkedToken(token.trim(), tokenFile, remedy),
    caPem,
  };
}

/** A token as it may stand in a header. Throws `NotLoggedInError` for what is none, with the remedy; it is never shown. */
export function checkedToken(token: string, from: string, remedy?: string): string {
  if (/^[\x21-\x7e]{1,8192}$/.test(token)) return token;
  const isNone = `${from} does not hold a token: one line without spaces`;
  throw new NotLoggedInError(remedy === undefined ? isNone : `${isNone}; ${remedy}`);
}

async function writeTargets(file: string, targets: Targets): Promise<void> {
  try {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await replaceFile(file, `${JSON.stringify(targets, undefined, 2)}\n`);
  } catch (error) {
    const why = `cannot keep the target in ${file}: ${faultOf(error).message}; EVENKEEL_CONFIG names another file`;
    throw new UsageError(why, { cause: error });
  }
}

/** A file that a host which serves has made. */
async function readOfHost(file: string, remedy: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new NotLoggedInError(
      `the host serves, but ${file} cannot be read (${errorCode(error)}): ${remedy}`,
      {
        cause: error,
      },
    );
  }
}

async function readOrMissing(file: string, directory: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'EACCES') {
      const why = `${file} may be read by the user alone who started the host: log in as that user, or with --url and a token of your own`;
      throw new NotLoggedInError(why, { cause: error });
    }
    throw new UnreachableError(`no host serves from ${directory}: cannot read ${path.basename(file)}`, {
      cause: error,
      mayHaveHappened: false,
    });
  }
}
