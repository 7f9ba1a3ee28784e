import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ROLES } from '#shared/contracts/api/route.ts';
import { Tenant } from '#shared/contracts/names.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { failureText } from '#shared/program/failure-text.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { AccessTokens, TokenName } from './access/access-tokens.ts';
import { existingDataDirectory } from './files/data-directory.ts';

const HELP = `Makes a token for a person, so that several people work with one machine under their own names.

  npm run token -- --name NAME --role ROLE [options]

  --name NAME       who it is, as the audit log will say; a second token of that name replaces the first
  --role ROLE       ${ROLES.join(', ')}
  --data DIR        the host's data (./data)
  --tenant NAME     whose (demo)
  --help            this text

Prints the token, which is kept nowhere. The host may be running and takes it within a second. Who gets it logs in with
evenkeel login --url URL --token-file FILE --ca DIR/authority/ca.pem.
`;

const FAILED = 1;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      name: { type: 'string', default: '' },
      role: { type: 'string', default: '' },
      data: { type: 'string', default: 'data' },
      tenant: { type: 'string', default: 'demo' },
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
  const role = ROLES.find((one) => one === values.role);
  if (role === undefined) throw new ConfigurationError(`--role must be one of ${ROLES.join(', ')}`);
  const name = TokenName.safeParse(values.name);
  if (!name.success) throw new ConfigurationError(`--name ${name.error.issues[0]?.message}`);
  const tenant = Tenant.safeParse(values.tenant);
  if (!tenant.success) throw new ConfigurationError(`--tenant ${tenant.error.issues[0]?.message}`);
  const tokens = await AccessTokens.open(secrets, { tenant: values.tenant, world: realWorld });
  const token = await tokens.issue({ tenant: values.tenant, sub: name.data, role });
  process.stdout.write(`${token}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(failureText('evenkeel', error));
  process.exitCode = FAILED;
});
