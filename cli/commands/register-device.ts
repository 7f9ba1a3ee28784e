import { mkdir } from 'node:fs/promises';
import type { Command } from 'commander';
import { registerDeviceInto, requireHardware } from '../actions/devices.ts';
import { DeviceListError, type ListedDevice, tagsRule } from '../bulk/device-list.ts';
import { holdingFolder } from '../bulk/held-folder.ts';
import { checkRequests, readRequest } from '../bulk/read-requests.ts';
import { type ListedRegistration, registerListed } from '../bulk/register-listed.ts';
import { UsageError } from '../errors.ts';
import { readNamedFile } from '../files.ts';
import { examples, list } from './arguments.ts';
import {
  type ListOptions,
  type ListWork,
  readList,
  runList,
  takesList,
  toldProblems,
} from './device-lists.ts';
import type { Session, Shell } from './session.ts';

interface RegisterOptions extends ListOptions {
  readonly product?: string;
  readonly hardware?: string;
  readonly tag?: readonly string[];
  readonly csr?: string;
  readonly csrs?: string;
  readonly out: string;
  readonly force?: boolean;
}

/** AWS IoT makes 15 certificates a second for an account unless its quota was raised (docs/operations.md): two thirds of it. */
const PER_SECOND = 10;

const LIST_HELP = `
A list:
  id,hardware,tags
  cam-0017,cam-rev-b,internal hall-3
  cam-0018,cam-rev-c,

It is read whole before anything is done. Each device of it gets the folder DIR/ID, which is there whole or not at all. The
same command again goes on: a device whose folder is there is left alone, its tags too. A device that is registered, but
whose certificate is not in its folder, is named with what to do.

AWS IoT makes 15 certificates a second for an account, unless that quota was raised. One machine has none: with
--per-second 1000 it is as fast as it can be, eight at a time.
`;

/** `device register`: one device, or a list of them. */
export function addRegisterCommand(device: Command, shell: Shell): void {
  const command = device
    .command('register [id]')
    .summary('register a device, or a list of them')
    .description(
      'Register a device and write what it needs to connect to a new directory: certificate, authority, broker and, without a ' +
        'signing request of its own, a key made for it here, which is nowhere else. With --file, a list of devices.',
    )
    .option('--product <name>', 'product; with --file, of those whose line names none')
    .option('--hardware <id>', 'class of board; with --file, of those whose line names none')
    .option(
      '--tag <tags>',
      'tags, separated by commas; again for more; with --file, besides those of each line',
      list,
    )
    .option('--csr <file>', 'certificate signing request (PKCS#10, PEM) of a key that the device made itself')
    .option('--csrs <dir>', 'with --file: the signing requests of the devices, ID.csr.pem each')
    .requiredOption(
      '--out <dir>',
      'new or empty directory; with --file, where there is a folder for each device',
    )
    .option('--force', 'also where the product or its hardware is not known');
  takesList(command, PER_SECOND)
    .addHelpText(
      'after',
      LIST_HELP +
        examples(
          'device register cam-0017 --product cam --hardware cam-rev-b --tag internal --out ./cam-0017',
          'device register --file devices.csv --product cam --hardware cam-rev-b --out ./devices',
          'device register --file devices.csv --csrs ./requests --out ./devices --failed failed.csv',
        ),
    )
    .action((deviceId: string | undefined, options: RegisterOptions, action: Command) =>
      shell.run(action, async (session) => {
        const { file, csr, csrs } = options;
        if ((deviceId === undefined) === (file === undefined))
          throw new UsageError('give an id, or --file LIST');
        if (file !== undefined && csr !== undefined)
          throw new UsageError('with --file give --csrs DIR, not --csr');
        if (file === undefined && csrs !== undefined)
          throw new UsageError('for one device give --csr, not --csrs');
        if (deviceId !== undefined) await registerOne(session, deviceId, options);
        else if (file !== undefined) await registerList(session, file, options);
      }),
    );
}

async function registerOne(session: Session, deviceId: string, options: RegisterOptions): Promise<void> {
  const { product, hardware, tag: tags, csr, out } = options;
  if (product === undefined) throw new UsageError('give --product NAME');
  if (hardware === undefined) throw new UsageError('give --hardware ID');
  const csrPem = csr === undefined ? undefined : await readNamedFile(csr, 'the signing request');
  const client = await session.client();
  if (options.force !== true) await requireHardware(client, product, hardware);
  const registration = { deviceId, product, hardware, tags, csrPem };
  const { device: made, files } = await registerDeviceInto(client, registration, out);
  const { thing, certificateId, endpoint } = made;
  session.show(
    { thing, certificateId, endpoint, files },
    `registered ${thing}, to connect to ${endpoint}\n${files.map((file) => `wrote ${file}\n`).join('')}`,
  );
}

async function registerList(session: Session, file: string, options: RegisterOptions): Promise<void> {
  const { csrs, out } = options;
  const devices = await readList(session, file);
  const registrations = await toldProblems(session, async () => registrationsOf(devices, options, file));
  if (csrs !== undefined) await toldProblems(session, () => checkRequests(devices, csrs, file));
  if (options.force !== true)
    await toldProblems(session, () => requireAllHardware(session, registrations, file));
  await mkdir(out, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw new UsageError(`--out ${out} cannot be a directory to write to`, { cause: error });
  });
  const each = new Map(registrations.map((registration) => [registration.deviceId, registration]));
  const work: ListWork = {
    done: 'registered',
    doing: 'registering',
    perSecond: PER_SECOND,
    each: async (client, { deviceId }, turn) => {
      const registration = each.get(deviceId);
      if (registration === undefined) throw new Error(`${deviceId} is not in its own list`);
      const request = csrs === undefined ? undefined : await readRequest(csrs, deviceId);
      return registerListed(client, { ...registration, request }, out, turn);
    },
  };
  await holdingFolder(out, () => runList(session, devices, work, options));
}

type Facts = Omit<ListedRegistration, 'request'> & { readonly line: number };

/** What each line and the options say of a device together. Throws `DeviceListError`. */
function registrationsOf(
  devices: readonly ListedDevice[],
  options: Pick<RegisterOptions, 'product' | 'hardware' | 'tag'>,
  name: string,
): Facts[] {
  const problems: string[] = [];
  const registrations = devices.flatMap(({ line, deviceId, tags: own = [], ...facts }) => {
    const { product = options.product, hardware = options.hardware } = facts;
    const tags = [...new Set([...own, ...(options.tag ?? [])])];
    const rule = tagsRule(tags);
    if (product !== undefined && hardware !== undefined && rule === undefined)
      return [{ line, deviceId, product, hardware, tags }];
    const missing = product === undefined ? 'product' : 'hardware';
    problems.push(`line ${line}: ${rule ?? `${missing} is in no column, and --${missing} is not given`}`);
    return [];
  });
  if (problems.length > 0) throw new DeviceListError(name, problems);
  return registrations;
}

/** Throws `DeviceListError` unless all products are there and have the hardware that the list names. */
async function requireAllHardware(
  session: Session,
  registrations: readonly Facts[],
  name: string,
): Promise<void> {
  const client = await session.client();
  const asked = new Set<string>();
  const problems: string[] = [];
  for (const { line, product, hardware } of registrations) {
    const kind = `${product} ${hardware}`;
    if (asked.has(kind)) continue;
    asked.add(kind);
    try {
      await requireHardware(client, product, hardware);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      problems.push(`line ${line}: ${error.message}`);
    }
  }
  if (problems.length > 0) throw new DeviceListError(name, problems);
}
