import type { Command } from 'commander';
import { checkAccess, localTarget, oidcTarget, openClient, remoteTarget } from '../actions/log-in.ts';
import { UsageError } from '../errors.ts';
import type { Io } from '../io.ts';
import { table } from '../print/table.ts';
import { moment } from '../print/units.ts';
import { readStageEndpoints } from '../stage/stage-endpoints.ts';
import {
  type OidcTarget,
  readTargets,
  removeTarget,
  saveTarget,
  type Target,
  targetsPath,
  useTarget,
} from '../targets.ts';
import { examples } from './arguments.ts';
import type { Shell } from './session.ts';

interface LoginOptions {
  readonly data?: string;
  readonly stage?: string;
  readonly region?: string;
  readonly url?: string;
  readonly issuer?: string;
  readonly clientId?: string;
  readonly tokenFile?: string;
  readonly ca?: string;
  readonly name?: string;
}

/** `login` and `target`: which backend the other commands speak to. */
export function addTargetCommands(program: Command, shell: Shell): void {
  program
    .command('login')
    .summary('log in to a backend and make it the current target')
    .description(
      'Log in to a backend and make it the current target. A host on this machine is found by its data directory; ' +
        'a stage on AWS by its name, with the AWS credentials of this machine, or by address, issuer and client id; ' +
        'any other backend by its address and a file with a token. A person logs in with a browser, a machine with ' +
        '--token-file. --ca names the authority of API and issuer unless that is a public one.',
    )
    .option('--data <dir>', 'data directory of a host on this machine')
    .option('--stage <name>', 'stage on AWS, as it was deployed')
    .option('--region <region>', 'Region of the stage (default: as the AWS CLI)')
    .option('--url <url>', 'address of any other backend, https only')
    .option('--issuer <url>', 'issuer of the tokens that the backend at --url takes')
    .option('--client-id <id>', 'client id of the command line at that issuer')
    .option('--token-file <file>', 'file with the token, one line')
    .option('--ca <file>', 'authority that the server certificate is signed by, PEM')
    .option('--name <name>', 'name to keep it under (default: "local" or the name of the host)')
    .addHelpText(
      'after',
      examples(
        'login --data ./data',
        'login --stage prod --region eu-central-1',
        'login --url https://api.example.com --token-file ~/token --ca ca.pem --name plant-2',
      ),
    )
    .action((options: LoginOptions, command: Command) =>
      shell.run(command, async (session) => {
        const { io } = session;
        let target = await targetOf(options, io);
        const name = options.name ?? nameOf(target, options);
        const keep = async (renewed: OidcTarget) => {
          target = renewed;
        };
        const client = await openClient(target, io.world, keep, session.patience);
        try {
          await checkAccess(client);
        } finally {
          client.close();
        }
        const file = targetsPath(io.env);
        await saveTarget(file, name, target);
        const { tokenEndsAtMs } = client;
        const { url } = client.access;
        const devices = target.kind === 'oidc' ? target.deviceEndpoint : undefined;
        const tokenEnds = tokenEndsAtMs === undefined ? undefined : new Date(tokenEndsAtMs).toISOString();
        session.show(
          {
            target: name,
            url,
            file,
            ...(devices !== undefined && { devices }),
            ...(tokenEnds !== undefined && { tokenEnds }),
          },
          `logged in to ${url} as target "${name}", kept in ${file}\n` +
            (devices === undefined ? '' : `devices connect to ${devices}\n`) +
            (tokenEndsAtMs === undefined ? '' : `its token ends on ${moment(tokenEndsAtMs)}\n`),
        );
      }),
    );
  const targets = program
    .command('target')
    .summary('list the backends, choose one, forget one')
    .description('List the backends that were logged in to, choose one, forget one.');
  targets
    .command('list')
    .description('List the targets; the current one is marked.')
    .addHelpText('after', examples('target list'))
    .action((_: unknown, command: Command) =>
      shell.run(command, async (session) => {
        const { current, targets: all } = await readTargets(targetsPath(session.io.env));
        // Where they are, and never the token.
        const rows = Object.entries(all).map(([name, target]) => ({
          name,
          current: name === current,
          where: target.kind === 'data' ? target.directory : target.url,
        }));
        const text = table(
          [{ title: '' }, { title: 'TARGET' }, { title: 'WHERE' }],
          rows.map((row) => [row.current ? '*' : ' ', row.name, row.where]),
        );
        session.show(
          { targets: rows },
          rows.length === 0 ? 'no target yet: evenkeel login --data DIR\n' : text,
        );
      }),
    );
  targets
    .command('use <name>')
    .description('Make a target the current one.')
    .addHelpText('after', examples('target use plant-2'))
    .action((name: string, _: unknown, command: Command) =>
      shell.run(command, async (session) => {
        await useTarget(targetsPath(session.io.env), name);
        session.show({ target: name }, `the target is now "${name}"\n`);
      }),
    );
  targets
    .command('remove <name>')
    .description(
      'Forget a target and its token on this machine. The backend still takes the token: whoever runs it takes it back there ' +
        '(npm run token -- --revoke on one machine).',
    )
    .addHelpText('after', examples('target remove plant-2'))
    .action((name: string, _: unknown, command: Command) =>
      shell.run(command, async (session) => {
        await removeTarget(targetsPath(session.io.env), name);
        session.show({ target: name, removed: true }, `"${name}" is forgotten\n`);
      }),
    );
}

function nameOf(target: Target, { stage }: LoginOptions): string {
  if (stage !== undefined) return stage;
  return target.kind === 'data' ? 'local' : new URL(target.url).hostname;
}

async function targetOf(options: LoginOptions, io: Io): Promise<Target> {
  const { data, stage, region, url, issuer, clientId, tokenFile, ca } = options;
  if ([data, stage, url].filter((one) => one !== undefined).length > 1)
    throw new UsageError('give one of --data DIR, --stage STAGE and --url URL, not both');
  if (data !== undefined) return localTarget(data);
  if (stage !== undefined) {
    const endpoints = await readStageEndpoints(stage, region);
    return oidcTarget({ ...endpoints, tokenFile, caFile: ca }, io);
  }
  if (url === undefined)
    throw new UsageError('give --data DIR (a host on this machine), --stage STAGE (on AWS) or --url URL');
  if ((issuer === undefined) !== (clientId === undefined))
    throw new UsageError('--issuer and --client-id go together');
  if (!URL.canParse(url))
    throw new UsageError(`--url ${url} must be an address such as https://api.example.com`);
  if (issuer !== undefined && clientId !== undefined)
    return oidcTarget({ url, issuer, clientId, tokenFile, caFile: ca }, io);
  if (tokenFile === undefined)
    throw new UsageError(
      '--url needs --token-file FILE (one line, the token), or --issuer URL --client-id ID',
    );
  return remoteTarget({ url, tokenFile, caFile: ca });
}
