import type * as z from 'zod';
import { LoggedReport as LoggedReportSchema } from '#shared/contracts/api/telemetry.ts';
import { parseJson } from '#shared/contracts/parse-json.ts';

/** A report as it lies in the log and as the API answers it. */
export type LoggedReport = z.infer<typeof LoggedReportSchema>;

/**
 * Longest line that is read, in bytes. A message is at most 16 KB, and its report is not much longer when written anew; what
 * is longer was not written here.
 */
export const LONGEST_LINE_BYTES = 65_536;

/** The report as one line of JSON with its newline; JSON has no newline of its own. */
export const toLine = ({ thing, atMs, report }: LoggedReport): string =>
  `${JSON.stringify({ thing, atMs, report })}\n`;

/** The report of a line; `undefined` for a line that is torn or was not written by this service. */
export function readLine(line: string): LoggedReport | undefined {
  return LoggedReportSchema.safeParse(parseJson(line)).data;
}
