import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ROLES } from '#shared/contracts/api/route.ts';
import { Tenant } from '#shared/contracts/names.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { failureText } from '#shared/program/failure-text.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { AccessTokens, type Claims, TokenName } from './access/access-tokens.ts';
import { existingDataDirectory } from './files/data-directory.ts';

const HELP = `Makes a token for a person, so that several people work with one machine under their own names.

  npm run token -- --name NAME --role ROLE [options]      makes one
  npm run token -- --list [options]                       says who has one
  npm run token -- --revoke NAME [options]                takes one back

  --name NAME       who it is, as the audit log will say; a second token of that name replaces the first
  --role ROLE       ${ROLES.join(', ')}
  --list            tenant, role and name of each token; the tokens themselves are kept nowhere
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
  const { values } = parseArgs({
    options: {
      name: { type: 'string', default: '' },
      role: { type: 'string', default: '' },
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
  if (values.list) return print(await tokens.list(), values.json);
  const tenantOf = async () => named.data ?? (await onlyTenant(tokens));
  if (values.revoke !== undefined) return revoke(tokens, { tenant: await tenantOf(), sub: values.revoke });
  const role = ROLES.find((one) => one === values.role);
  if (role === undefined) throw new ConfigurationError(`--role must be one of ${ROLES.join(', ')}`);
  const name = TokenName.safeParse(values.name);
  if (!name.success) throw new ConfigurationError(`--name ${name.error.issues[0]?.message}`);
  const token = await tokens.issue({ tenant: await tenantOf(), sub: name.data, role });
  process.stdout.write(`${token}\n`);
}

/** A token for the wrong tenant is taken and shows nothing: with several of them whoever makes one has to say whose. */
async function onlyTenant(tokens: AccessTokens): Promise<string> {
  const [only, ...others] = new Set((await tokens.list()).map(({ tenant }) => tenant));
  if (only === undefined) throw new ConfigurationError('--tenant must say whose: no tenant has a token');
  if (others.length === 0) return only;
  throw new ConfigurationError(`--tenant must say whose: there are ${[only, ...others].join(', ')}`);
}

function print(all: readonly Claims[], asJson: boolean): void {
  const rows = all.map(({ tenant, sub: name, role }) => ({ tenant, role, name }));
  const lines = rows.map(({ tenant, role, name }) => `${tenant.padEnd(20)}  ${role.padEnd(12)}  ${name}\n`);
  process.stdout.write(asJson ? `${JSON.stringify(rows)}\n` : lines.join(''));
}

async function revoke(tokens: AccessTokens, who: Pick<Claims, 'tenant' | 'sub'>): Promise<void> {
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
