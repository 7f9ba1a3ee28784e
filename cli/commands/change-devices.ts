import type { Command } from 'commander';
import { decommissionDevice } from '../actions/devices.ts';
import type { ApiClient } from '../api-client.ts';
import {
  addTags,
  decommissionListed,
  type Retag,
  removeTags,
  replaceTags,
  retagListed,
} from '../bulk/change-listed.ts';
import { DeviceListError, type ListedDevice, tagsRule } from '../bulk/device-list.ts';
import type { Turn } from '../bulk/run-bulk.ts';
import { UsageError } from '../errors.ts';
import { deviceText } from '../print/device.ts';
import { agreement } from './agreement.ts';
import { examples } from './arguments.ts';
import { type ListOptions, readList, runList, takesList, toldProblems } from './device-lists.ts';
import type { Session, Shell } from './session.ts';

interface TagOptions extends ListOptions {
  readonly none?: boolean;
  readonly add?: boolean;
  readonly yes?: boolean;
}

interface DecommissionOptions extends ListOptions {
  readonly reason?: string;
  readonly yes?: boolean;
}

/** A reading and a write each, of the 200 requests a second that the API on AWS takes (docs/operations.md). */
const TAGGED_PER_SECOND = 50;
/** As many as are registered: it is AWS IoT again that is asked. */
const DECOMMISSIONED_PER_SECOND = 10;

const AGAIN =
  'With --file the same command again goes on: a device that has what it is to have is left alone.';

/** `device tag`, `untag` and `decommission`: one device, or a list of them. */
export function addChangeCommands(device: Command, shell: Shell): void {
  addTagCommand(device, shell);
  addUntagCommand(device, shell);
  const decommission = device
    .command('decommission [id]')
    .description(
      'Take a device out of service: its certificate is revoked at once and nothing goes to it any more. With --file, a list of ' +
        `devices, after a question. ${AGAIN}`,
    )
    .option('--reason <text>', 'why, for the audit log')
    .option('--yes', 'with --file: no question');
  takesList(decommission, DECOMMISSIONED_PER_SECOND)
    .addHelpText(
      'after',
      examples(
        'device decommission cam-0017 --reason "returned by the customer"',
        'device decommission --file scrapped.csv --reason "scrapped in November"',
      ),
    )
    .action((deviceId: string | undefined, options: DecommissionOptions, command: Command) =>
      shell.run(command, async (session) => {
        const { file, reason, yes = false } = options;
        if (deviceId !== undefined && file === undefined) {
          const view = await decommissionDevice(await session.client(), deviceId, reason);
          return session.show(view, deviceText(view, session.io.world.now(), true));
        }
        if (deviceId !== undefined || file === undefined) throw new UsageError('give an id, or --file LIST');
        const agree = agreement(session, yes, 'decommission a list');
        const devices = await readList(session, file);
        await agree(
          `Decommission ${counted(devices)}? They can never connect again with the certificates they have. [y/N] `,
          'nothing was decommissioned',
          'Answer y, or add --yes.',
        );
        await runList(
          session,
          devices,
          {
            done: 'decommissioned',
            doing: 'decommissioning',
            perSecond: DECOMMISSIONED_PER_SECOND,
            each: (client, one, turn) => decommissionListed(client, one.deviceId, reason, turn),
          },
          options,
        );
      }),
    );
}

function addTagCommand(device: Command, shell: Shell): void {
  const tag = device
    .command('tag [id] [tags...]')
    .description(
      'Replace the tags of a device by those that are given; --add keeps those it has, --none takes all away. With --file, of a list ' +
        `of devices: by the tags that are given, else by those in the list's column tags. ${AGAIN}`,
    )
    .option('--add', 'keep the tags that are there')
    .option('--none', 'no tags')
    .option('--yes', 'with --file: no question before tags are replaced');
  takesList(tag, TAGGED_PER_SECOND)
    .addHelpText(
      'after',
      examples(
        'device tag cam-0017 internal hall-3',
        'device tag cam-0017 --none',
        'device tag --add --file pilots.csv early',
        'device tag --file devices.csv',
      ),
    )
    .action((first: string | undefined, rest: readonly string[], options: TagOptions, command: Command) =>
      shell.run(command, async (session) => {
        const { file, none = false, add = false, yes = false } = options;
        const tags = file === undefined ? rest : words(first, rest);
        if (none && (add || tags.length > 0))
          throw new UsageError('--none goes with no tags, and not with --add');
        const retag = add ? addTags : replaceTags;
        if (file === undefined) {
          if (tags.length === 0 && !none)
            throw new UsageError('give an id and the tags that the device is to have, or --none');
          return retagOne(session, first, retag(tags));
        }
        const devices = await readList(session, file);
        const isOfLines = tags.length === 0 && !none;
        if (isOfLines) await toldProblems(session, async () => requireTags(devices, file));
        const agree = add ? undefined : agreement(session, yes, 'replace the tags of a list');
        await agree?.(
          `Replace the tags of ${counted(devices)}? Those that they have now are gone then. [y/N] `,
          'no tag was changed',
          'Answer y, or add --yes; --add keeps the tags that are there.',
        );
        await retagList(session, devices, (one) => retag(isOfLines ? (one.tags ?? []) : tags), options);
      }),
    );
}

function addUntagCommand(device: Command, shell: Shell): void {
  const untag = device
    .command('untag [id] [tags...]')
    .description(
      `Take tags from a device; it keeps the others. With --file, from a list of devices. ${AGAIN}`,
    );
  takesList(untag, TAGGED_PER_SECOND)
    .addHelpText('after', examples('device untag cam-0017 internal', 'device untag --file pilots.csv early'))
    .action((first: string | undefined, rest: readonly string[], options: ListOptions, command: Command) =>
      shell.run(command, async (session) => {
        const { file } = options;
        const tags = file === undefined ? rest : words(first, rest);
        if (tags.length === 0) throw new UsageError('give an id or --file LIST, and the tags that are to go');
        if (file === undefined) return retagOne(session, first, removeTags(tags));
        await retagList(session, await readList(session, file), () => removeTags(tags), options);
      }),
    );
}

/** With a list there is no id: all words are tags. */
function words(first: string | undefined, rest: readonly string[]): readonly string[] {
  const tags = first === undefined ? [] : [first, ...rest];
  const rule = tagsRule(tags);
  if (rule !== undefined) throw new UsageError(`${rule}; with --file all words are tags`);
  return tags;
}

function requireTags(devices: readonly ListedDevice[], name: string): void {
  const without = devices.filter(({ tags }) => tags === undefined);
  if (without.length === 0) return;
  const problems = without.map(
    ({ line }) => `line ${line}: tags are in no column, and none are given (or --none)`,
  );
  throw new DeviceListError(name, problems);
}

async function retagOne(session: Session, deviceId: string | undefined, retag: Retag): Promise<void> {
  if (deviceId === undefined) throw new UsageError('give an id, or --file LIST');
  const client = await session.client();
  const atOnce: Turn = { read: (call) => call(), write: (call) => call() };
  const { device } = await retagListed(client, deviceId, retag, atOnce);
  session.show(device, deviceText(device, session.io.world.now(), true));
}

function retagList(
  session: Session,
  devices: readonly ListedDevice[],
  retagOf: (device: ListedDevice) => Retag,
  options: ListOptions,
): Promise<void> {
  const each = async (client: ApiClient, device: ListedDevice, turn: Turn) =>
    (await retagListed(client, device.deviceId, retagOf(device), turn)).outcome;
  return runList(
    session,
    devices,
    { done: 'changed', doing: 'changing tags', perSecond: TAGGED_PER_SECOND, each },
    options,
  );
}

const counted = ({ length }: readonly ListedDevice[]): string =>
  length === 1 ? '1 device' : `${length} devices`;
