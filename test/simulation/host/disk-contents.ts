import type { UnreadReport } from '../model/known-facts.ts';
import { STAGE } from './loaded-services.ts';
import type { MemoryDisk } from './memory-buckets.ts';
import type { MemoryDatabase } from './memory-database.ts';

/** What lies in queues and buckets, read from the disk itself, past the host and its stores. */
export class DiskContents {
  readonly #database: MemoryDatabase;
  readonly #disk: MemoryDisk;

  constructor(database: MemoryDatabase, disk: MemoryDisk) {
    this.#database = database;
    this.#disk = disk;
  }

  /** Reports that lie in their queue. */
  unread(): UnreadReport[] {
    const rows = this.#database.read(`SELECT body, sent_at FROM "queue:evenkeel-${STAGE}-reports"`);
    return rows.flatMap(({ body, sent_at: sentAtMs }) => {
      const report = reportIn(String(body));
      return report === undefined ? [] : [{ ...report, sentAtMs: Number(sentAtMs) }];
    });
  }

  /** When the oldest message in the queue of reports was sent, readable or not. */
  oldestReportMs(): number | undefined {
    const [row] = this.#database.read(`SELECT MIN(sent_at) AS oldest FROM "queue:evenkeel-${STAGE}-reports"`);
    return typeof row?.oldest === 'number' ? row.oldest : undefined;
  }

  /** Messages of all dead-letter queues. */
  deadLetters(): string[] {
    const queues = this.#database.read(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'queue:%-dead'`,
    );
    return queues.flatMap(({ name }) => this.#bodiesIn(String(name)));
  }

  /** What the raw log of reports holds, and what waits in its queue. */
  rawLog(): string[] {
    const objects = [...this.#disk.latest.values()].filter(({ key }) => key.startsWith('reports/'));
    const waiting = this.#bodiesIn(`queue:evenkeel-${STAGE}-report-log`);
    return [...objects.map(({ bytes }) => Buffer.from(bytes).toString()), ...waiting];
  }

  #bodiesIn(table: string): string[] {
    return this.#database.read(`SELECT body FROM "${table}"`).map(({ body }) => String(body));
  }
}

/** What a message of the reports queue reports; nothing for a check, or for what cannot be read. */
function reportIn(body: string): Omit<UnreadReport, 'sentAtMs'> | undefined {
  try {
    const { payload } = JSON.parse(body);
    const { attempt, events } = JSON.parse(Buffer.from(payload, 'base64').toString());
    if (!Array.isArray(events)) return undefined;
    return { attempt: String(attempt), states: events.map(({ state }) => state).join(', ') };
  } catch {
    return undefined;
  }
}
