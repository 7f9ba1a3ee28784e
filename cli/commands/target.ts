import type { Command } from 'commander';
import { checkAccess, localTarget, openClient, remoteTarget } from '../actions/log-in.ts';
import { UsageError } from '../errors.ts';
import { table } from '../print/table.ts';
import { readTargets, saveTarget, type Target, targetsPath, useTarget } from '../targets.ts';
import { examples } from './arguments.ts';
import type { Shell } from './session.ts';

interface LoginOptions {
  readonly data?: string;
  readonly url?: string;
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
        'any other backend by its address, a file with a token, and a file with its authority unless that is a public one.',
    )
    .option('--data <dir>', 'data directory of a host on this machine')
    .option('--url <url>', 'address of any other backend, https only')
    .option('--token-file <file>', 'file with the token, one line')
    .option('--ca <file>', 'authority that the server certificate is signed by, PEM')
    .option('--name <name>', 'name to keep it under (default: "local" or the name of the host)')
    .addHelpText(
      'after',
      examples(
        'login --data ./data',
        'login --url https://api.example.com --token-file ~/token --ca ca.pem --name plant-2',
      ),
    )
    .action((options: LoginOptions, command: Command) =>
      shell.run(command, async (session) => {
        const { io } = session;
        const target = await targetOf(options);
        const name = options.name ?? (target.kind === 'data' ? 'local' : new URL(target.url).hostname);
        const client = await openClient(target, io.world);
        try {
          await checkAccess(client);
        } finally {
          client.close();
        }
        const file = targetsPath(io.env);
        await saveTarget(file, name, target);
        const { url } = client.access;
        session.show(
          { target: name, url, file },
          `logged in to ${url} as target "${name}", kept in ${file}\n`,
        );
      }),
    );
  const targets = program
    .command('target')
    .summary('list the backends, choose one')
    .description('List the backends that were logged in to, and choose one.');
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
}

async function targetOf({ data, url, tokenFile, ca }: LoginOptions): Promise<Target> {
  if (data !== undefined) {
    if (url !== undefined) throw new UsageError('give --data DIR or --url URL, not both');
    return localTarget(data);
  }
  if (url === undefined) throw new UsageError('give --data DIR (a host on this machine) or --url URL');
  if (tokenFile === undefined)
    throw new UsageError('--url needs --token-file FILE: a file with one line, the token');
  if (!URL.canParse(url))
    throw new UsageError(`--url ${url} must be an address such as https://api.example.com`);
  return remoteTarget({ url, tokenFile, caFile: ca });
}
