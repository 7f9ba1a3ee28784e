import { DeviceId, Hardware, ProductName, Tag } from '#shared/contracts/names.ts';
import { UsageError } from '../errors.ts';
import { plain } from '../print/plain.ts';
import { cellsOf, csvLine } from './csv-line.ts';

/** One device of a list; what its line does not say is absent. */
export interface ListedDevice {
  /** Line of the file, from 1. */
  readonly line: number;
  readonly deviceId: string;
  readonly product?: string;
  readonly hardware?: string;
  readonly tags?: readonly string[];
}

/** `failure` is what `failuresText` adds; it is not read, so that failures are fed in as they are. */
const COLUMNS = ['id', 'product', 'hardware', 'tags', 'failure'] as const;
type Column = (typeof COLUMNS)[number];

/** Bounds of a list: read within a second or two, and done in three hours at ten a second. */
export const LIST_BOUNDS = { bytes: 32 * 1024 * 1024, devices: 100_000, lineCharacters: 4096 } as const;
const MOST_TAGS = 32;

/** Lines of a list break rules; nothing was done. */
export class DeviceListError extends UsageError {
  /** Each names its line and the rule. */
  readonly problems: readonly string[];

  /** `name` is the list's, as the person knows it. */
  constructor(name: string, problems: readonly string[]) {
    const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
    super(`${name}: ${problems[0] ?? ''}${more}; nothing was done`);
    this.problems = problems;
  }
}

/**
 * Reads a list of devices: CSV with a header that has the column `id` and any of product, hardware and tags (separated by spaces,
 * or by commas within quotation marks), or one id a line without a header. Throws `DeviceListError` that names every line which
 * breaks a rule.
 */
export function parseDeviceList(bytes: Uint8Array, name: string): ListedDevice[] {
  const lines = linesOf(bytes, name);
  const columns = columnsOf(lines[0] ?? '', name);
  const problems: string[] = [];
  const devices = new Map<string, ListedDevice>();
  for (const [at, text] of lines.entries()) {
    if (text.trim() === '' || (at === 0 && columns !== undefined)) continue;
    const line = at + 1;
    const device = deviceOf(text, columns ?? ['id'], line);
    const earlier = typeof device === 'string' ? undefined : devices.get(device.deviceId);
    if (typeof device === 'string') problems.push(`line ${line}: ${device}`);
    else if (earlier === undefined) devices.set(device.deviceId, device);
    else problems.push(`line ${line}: id ${device.deviceId} is on line ${earlier.line} already`);
  }
  if (devices.size > LIST_BOUNDS.devices)
    problems.unshift(`must have at most ${LIST_BOUNDS.devices} devices: split it`);
  if (devices.size === 0 && problems.length === 0) problems.push('there is no device in it');
  if (problems.length > 0) throw new DeviceListError(name, problems);
  return [...devices.values()];
}

function linesOf(bytes: Uint8Array, name: string): string[] {
  if (bytes.length > LIST_BOUNDS.bytes) {
    throw new DeviceListError(name, [`must be at most ${LIST_BOUNDS.bytes} bytes`]);
  }
  try {
    // It takes a byte order mark away, which spreadsheets write.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).split(/\r?\n/);
  } catch (error) {
    throw new DeviceListError(name, [`must be text in UTF-8 (${String(error)})`]);
  }
}

/** The columns that the first line names; `undefined` where it is a device already, because nothing in it is called `id`. */
function columnsOf(line: string, name: string): readonly string[] | undefined {
  const cells = line.length > LIST_BOUNDS.lineCharacters ? undefined : cellsOf(line);
  const columns = cells?.map((cell) => cell.toLowerCase());
  if (columns?.includes('id') !== true) return undefined;
  const known: readonly string[] = COLUMNS;
  const wrong = columns.find((column, at) => !known.includes(column) || columns.indexOf(column) !== at);
  if (wrong === undefined) return columns;
  throw new DeviceListError(name, [
    `line 1: column "${plain(wrong)}" must be one of ${COLUMNS.slice(0, -1).join(', ')}, each at most once`,
  ]);
}

/** The device on a line, or the rule that the line breaks. */
function deviceOf(text: string, columns: readonly string[], line: number): ListedDevice | string {
  if (text.length > LIST_BOUNDS.lineCharacters)
    return `must be at most ${LIST_BOUNDS.lineCharacters} characters`;
  const cells = cellsOf(text);
  if (cells === undefined) return 'must have its quotation marks around whole cells';
  if (cells.length !== columns.length) {
    return `must have as many cells as there are columns (${columns.join(', ')}), but has ${cells.length}`;
  }
  const cell = (column: Column): string | undefined => cells[columns.indexOf(column)] || undefined;
  const [deviceId = '', product, hardware] = [cell('id'), cell('product'), cell('hardware')];
  const tags = cell('tags')
    ?.split(/[\s,;]+/)
    .filter((tag) => tag !== '');
  const rule =
    ruleOf('id', DeviceId, deviceId) ??
    ruleOf('product', ProductName, product) ??
    ruleOf('hardware', Hardware, hardware) ??
    tagsRule(tags ?? []);
  if (rule !== undefined) return rule;
  return {
    line,
    deviceId,
    ...(product !== undefined && { product }),
    ...(hardware !== undefined && { hardware }),
    ...(tags !== undefined && { tags }),
  };
}

/** The rule that a value breaks, with both; `undefined` for one that breaks none, or is absent. */
function ruleOf(what: string, schema: typeof DeviceId, value: string | undefined): string | undefined {
  const read = value === undefined ? undefined : schema.safeParse(value);
  if (value === undefined || read?.success !== false) return undefined;
  return `${what} "${plain(value.slice(0, 60))}" ${read.error.issues[0]?.message ?? 'is refused'}`;
}

/** The rule that tags break, `undefined` for none: of a line, or of those that a person adds to it. */
export function tagsRule(tags: readonly string[]): string | undefined {
  for (const tag of tags) {
    const rule = ruleOf('tag', Tag, tag);
    if (rule !== undefined) return rule;
  }
  if (tags.length > MOST_TAGS) return `tags must be at most ${MOST_TAGS}`;
  return new Set(tags).size === tags.length ? undefined : 'tags must not repeat one';
}

/** A list of the devices that failed, each with why: it can be fed in again. */
export function failuresText(
  failed: readonly { readonly device: ListedDevice; readonly reason: string }[],
): string {
  const rows = failed.map(({ device: { deviceId, product = '', hardware = '', tags = [] }, reason }) => [
    ...[deviceId, product, hardware, tags.join(' '), plain(reason)],
  ]);
  return [COLUMNS, ...rows].map((cells) => `${csvLine(cells)}\n`).join('');
}
