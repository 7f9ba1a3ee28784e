import type { Bucket, ListedObject } from '#shared/capabilities/bucket.ts';
import { splitThing } from '#shared/contracts/names.ts';
import { fromCursor, type LogPosition, toCursor } from '../domain/log-cursor.ts';
import { dayPrefix, hourPrefix } from '../domain/log-key.ts';
import { LONGEST_LINE_BYTES, type LoggedReport, readLine, toLine } from '../domain/log-line.ts';
import { linesOf } from './lines-of.ts';

/** Objects that one read looks into. */
const OBJECTS_PER_READ = 50;
/** Bytes that one read looks into, some 20,000 reports: it ends with the object that fills them. */
const BYTES_PER_READ = 8 * 1024 * 1024;
/** An object holds what one invocation takes, 20 batches of 64 KB; a much larger one was not written here and is passed over. */
const LARGEST_OBJECT_BYTES = 8 * 1024 * 1024;
/** Reports that one read answers, by their lines as they stand in an answer: that of a Lambda function is at most 6 MB. */
const LARGEST_ANSWER_BYTES = 4 * 1024 * 1024;

/** What to read of a day. */
export interface DayQuery {
  /** `YYYY-MM-DD`, UTC. */
  readonly day: string;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** What a read found; with a cursor while there may be more, also when it found nothing. */
export interface LogPage {
  readonly reports: LoggedReport[];
  readonly cursor?: string;
  /** Lines and objects that could not be read. */
  readonly unreadable: number;
}

/** The raw log of reports in a bucket: objects of JSON lines, never changed once written. */
export class ReportLog {
  readonly #bucket: Bucket;

  constructor(bucket: Bucket) {
    this.#bucket = bucket;
  }

  /**
   * Writes the reports durably: one object per tenant and hour. `nextId` names the objects. What is written twice is in the
   * log twice: it tells what was received.
   */
  async append(reports: readonly LoggedReport[], nextId: () => string): Promise<void> {
    const byHour = Map.groupBy(reports, ({ thing, atMs }) => hourPrefix(splitThing(thing).tenant, atMs));
    for (const [prefix, ofHour] of byHour) {
      const lines = Buffer.from(ofHour.map(toLine).join(''));
      await this.#bucket.put(`${prefix}${nextId()}.jsonl`, lines);
    }
  }

  /** Reads on until enough reports match or enough objects were looked into. Throws `RefusedError` for a foreign cursor. */
  async read(tenant: string, query: DayQuery, matches: (report: LoggedReport) => boolean): Promise<LogPage> {
    const prefix = dayPrefix(tenant, query.day);
    const start: LogPosition = query.cursor === undefined ? { line: 0 } : fromCursor(prefix, query.cursor);
    const { listing } = start;
    const page = await this.#bucket.list(prefix, {
      limit: OBJECTS_PER_READ,
      ...(listing !== undefined && { cursor: listing }),
    });
    const cursorAt = ({ key }: ListedObject, line: number) =>
      toCursor(prefix, { ...(listing !== undefined && { listing }), key, line });
    const reports: LoggedReport[] = [];
    let unreadable = 0;
    let answerBytes = 0;
    let lookedBytes = 0;
    for (const object of page.objects) {
      if (start.key !== undefined && object.key < start.key) continue;
      const done = object.key === start.key ? start.line : 0;
      let line = 0;
      for await (const text of this.#lines(object)) {
        line += 1;
        if (line <= done) continue;
        const report = text === undefined ? undefined : readLine(text);
        if (report === undefined || !report.thing.startsWith(`${tenant}:`)) unreadable += 1;
        else if (matches(report)) {
          reports.push(report);
          // The body of an answer is a text within JSON, where every quote and backslash of the line is escaped once more.
          answerBytes += Buffer.byteLength(JSON.stringify(text ?? ''));
        }
        if (reports.length === query.limit || answerBytes > LARGEST_ANSWER_BYTES) {
          return { reports, unreadable, cursor: cursorAt(object, line) };
        }
      }
      // Where the last read ended is not counted again: each read gets at least one object further.
      if (object.key !== start.key) lookedBytes += object.sizeBytes;
      if (lookedBytes > BYTES_PER_READ) return { reports, unreadable, cursor: cursorAt(object, line) };
    }
    if (page.cursor === undefined) return { reports, unreadable };
    // Objects that came since may fill a listing that ends before the object in progress.
    const isShort = start.key !== undefined && (page.objects.at(-1)?.key ?? '') < start.key;
    const next = isShort ? start : { line: 0 };
    return { reports, unreadable, cursor: toCursor(prefix, { ...next, listing: page.cursor }) };
  }

  /** The lines of an object; one line that cannot be read for an object that was not written here. */
  async *#lines({ key, sizeBytes }: ListedObject): AsyncGenerator<string | undefined> {
    if (sizeBytes > LARGEST_OBJECT_BYTES) {
      yield undefined;
      return;
    }
    const chunks = await this.#bucket.read(key);
    if (chunks) yield* linesOf(chunks, LONGEST_LINE_BYTES);
  }
}
