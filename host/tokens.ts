import { existsSync } from 'node:fs';
import path from 'node:path';
import { ROLES } from '#shared/contracts/api/route.ts';
import { Tenant } from '#shared/contracts/names.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { failureText } from '#shared/program/failure-text.ts';
import { parseOptions } from '#shared/program/parse-options.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { AccessTokens, type HeldToken } from './access/access-tokens.ts';
import { TokenName } from './access/token-file.ts';
import { TokenLife, type TokenSpan } from './access/token-span.ts';
import { existingDataDirectory } from './files/data-directory.ts';
import { checkClock } from './serve/clock-check.ts';

const HELP = `Makes a token for a person, so that several people work with one machine under their own names.

  npm run token -- --name NAME --role ROLE [options]      makes one
  npm run token -- --list [options]                       says who has one
  npm run token -- --revoke NAME [options]                takes one back

  --name NAME       who it is, as the audit log will say; a second token of that name replaces the first
  --role ROLE       ${ROLES.join(', ')}
  --for DURATION    how long it is taken, from 1m to 3650d, such as 90d (until it is taken back)
  --list            tenant, role, name and end of each token; the tokens themselves are kept nowhere
  --revoke NAME     nobody gets in with the token of that name any more
  --json            with --list: as JSON
  --data DIR        the host's data (./data)
  --tenant NAME     whose (the only one that has tokens)
  --help            this text

Prints the token, which is kept nowhere. The host may be running and takes the change within a second. Who gets it logs in with
evenkeel login --url URL --token-file FILE --ca DIR/authority/ca.pem.
`;

const FAILED = 1;

async function main(): Promise<void> {
  const { values } = parseOptions({
    options: {
      name: { type: 'string', default: '' },
      role: { type: 'string', default: '' },
      for: { type: 'string' },
      data: { type: 'string', default: 'data' },
      tenant: { type: 'string' },
      list: { type: 'boolean', default: false },
      revoke: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const secrets = path.join(existingDataDirectory(values.data), 'secrets');
  if (!existsSync(path.join(secrets, 'tokens.json'))) {
    throw new ConfigurationError(`--data: no host has been started in ${values.data} yet`);
  }
  const named = Tenant.optional().safeParse(values.tenant);
  if (!named.success) throw new ConfigurationError(`--tenant ${named.error.issues[0]?.message}`);
  const tokens = await AccessTokens.open(secrets, { tenant: named.data ?? 'demo', world: realWorld });
  if (values.for !== undefined && (values.list || values.revoke !== undefined))
    throw new ConfigurationError('--for is for a token that is made: give --name and --role with it');
  if (values.list) return print(await tokens.list(), values.json);
  const tenantOf = async () => named.data ?? (await onlyTenant(tokens));
  if (values.revoke !== undefined) return revoke(tokens, { tenant: await tenantOf(), sub: values.revoke });
  const role = ROLES.find((one) => one === values.role);
  if (role === undefined) throw new ConfigurationError(`--role must be one of ${ROLES.join(', ')}`);
  const name = TokenName.safeParse(values.name);
  if (!name.success) throw new ConfigurationError(`--name ${name.error.issues[0]?.message}`);
  const span = values.for === undefined ? undefined : spanOf(values.for);
  const token = await tokens.issue({ tenant: await tenantOf(), sub: name.data, role, ...(span && { span }) });
  process.stdout.write(`${token}\n`);
  const ends = span === undefined ? 'has no end (--for 90d gives it one)' : `ends on ${isoOf(span.toMs)}`;
  // Not with the token, which goes into a file.
  process.stderr.write(`the token of ${name.data} ${ends}\n`);
}

/** From now on, for so long. Throws `ConfigurationError` for what is no such duration, or while the clock was never set. */
function spanOf(text: string): TokenSpan {
  const lifeMs = TokenLife.safeParse(text);
  if (!lifeMs.success) throw new ConfigurationError(`--for ${lifeMs.error.issues[0]?.message}`);
  const fromMs = realWorld.now();
  checkClock(fromMs);
  return { fromMs, toMs: fromMs + lifeMs.data };
}

/** A token for the wrong tenant is taken and shows nothing: with several of them whoever makes one has to say whose. */
async function onlyTenant(tokens: AccessTokens): Promise<string> {
  const [only, ...others] = new Set((await tokens.list()).map(({ tenant }) => tenant));
  if (only === undefined) throw new ConfigurationError('--tenant must say whose: no tenant has a token');
  if (others.length === 0) return only;
  throw new ConfigurationError(`--tenant must say whose: there are ${[only, ...others].join(', ')}`);
}

function print(all: readonly HeldToken[], asJson: boolean): void {
  const nowMs = realWorld.now();
  if (asJson) {
    const rows = all.map(({ tenant, sub: name, role, span }) => ({
      tenant,
      role,
      name,
      ...(span && { ends: isoOf(span.toMs), ended: span.toMs <= nowMs }),
    }));
    return void process.stdout.write(`${JSON.stringify(rows)}\n`);
  }
  const longest = Math.max(...all.map(({ sub }) => sub.length));
  for (const { tenant, role, sub: name, span } of all) {
    const columns = [tenant.padEnd(20), role.padEnd(12), name.padEnd(longest), endText(span, nowMs)];
    process.stdout.write(`${columns.join('  ')}\n`);
  }
}

function endText(span: TokenSpan | undefined, nowMs: number): string {
  if (span === undefined) return 'no end';
  return `${span.toMs <= nowMs ? 'ENDED on' : 'ends on'} ${isoOf(span.toMs)}`;
}

const isoOf = (atMs: number): string => new Date(atMs).toISOString();

async function revoke(tokens: AccessTokens, who: Pick<HeldToken, 'tenant' | 'sub'>): Promise<void> {
  if (await tokens.revoke(who))
    return void process.stdout.write(`revoked the token of ${who.sub} (${who.tenant})\n`);
  const names = (await tokens.list()).filter(({ tenant }) => tenant === who.tenant).map(({ sub }) => sub);
  throw new ConfigurationError(
    `--revoke: tenant ${who.tenant} has no token of ${who.sub}; it has ${names.join(', ') || 'none'}`,
  );
}

main().catch((error: unknown) => {
  process.stderr.write(failureText('evenkeel', error));
  process.exitCode = FAILED;
});
