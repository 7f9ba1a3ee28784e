import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import * as z from 'zod';
import { parseDuration } from '#shared/contracts/duration.ts';
import { applyFact } from '../../services/rollout-orchestrator/domain/attempt/apply-fact.ts';
import {
  anyFact,
  CONTEXT,
  GRANTED_MS,
  granted,
  PERMIT,
} from '../../services/rollout-orchestrator/domain/attempt/attempt.fixture.ts';
import { END_STATES, OPEN_STATES } from '../../services/rollout-orchestrator/domain/attempt/attempt.ts';
import { DocumentFields } from '../../services/rollout-orchestrator/domain/document/document-fields.ts';
import { parseDocument } from '../../services/rollout-orchestrator/domain/document/parse-document.ts';
import { printDocument } from '../../services/rollout-orchestrator/domain/document/print-document.ts';
import {
  boundaryText,
  pooledBoundary,
} from '../../services/rollout-orchestrator/domain/halting/halt-boundary.ts';
import { ALLOWED } from '../../services/rollout-orchestrator/domain/lifecycle/commands.ts';

const PAGE = readFileSync(path.resolve(import.meta.dirname, '../../docs/rollouts.md'), 'utf8');

/** The rows of the table whose first heading is `first`, cell by cell. */
function tableOf(first: string): string[][] {
  const lines = PAGE.split('\n');
  const head = lines.findIndex((line) => line.startsWith(`| ${first} `));
  const body = lines.slice(head + 2);
  return body
    .slice(
      0,
      body.findIndex((line) => !line.startsWith('|')),
    )
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

const bare = (cell = ''): string => cell.replaceAll('`', '');
const wordsOf = (cell = ''): string[] => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');

/** Every field that a schema can hold, as a path: `stages[].gate.bake`. */
function pathsOf(schema: z.core.$ZodType, at = ''): string[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return pathsOf(schema.def.innerType, at);
  }
  if (schema instanceof z.ZodPipe) return pathsOf(schema.def.in, at);
  if (schema instanceof z.ZodArray) return pathsOf(schema.def.element, `${at}[]`);
  if (!(schema instanceof z.ZodObject)) return [at];
  return Object.entries(schema.shape).flatMap(([name, one]) =>
    pathsOf(one as z.core.$ZodType, at === '' ? name : `${at}.${name}`),
  );
}

const LEAST = { release: 'cam/2.1.0', selector: 'all', stages: [{ name: 'first', percent: '5%' }] };
const WINDOW = { from: '02:00', to: '05:00', zone: 'UTC' };
const HOLD_OUT = { share: '2%', for: '14d' };

/** A document that is as it should be but for one field. */
function documentWith(field: string, value: unknown): unknown {
  const whole = { ...LEAST, ...(field.startsWith('holdOut') && { holdOut: HOLD_OUT }) };
  return set(whole, field.replaceAll('[]', '.0').split('.'), value);
}

function set(into: unknown, [name = '', ...rest]: readonly string[], value: unknown): unknown {
  if (Array.isArray(into)) return into.map((one) => (rest.length === 0 ? value : set(one, rest, value)));
  const fields = into instanceof Object ? into : {};
  const inner = Object.entries(fields).find(([key]) => key === name)?.[1] ?? {};
  return { ...fields, [name]: rest.length === 0 ? value : set(inner, rest, value) };
}

const get = (from: unknown, names: readonly string[]): unknown =>
  names.reduce<unknown>(
    (at, name) => (at instanceof Object ? Object.entries(at).find(([key]) => key === name)?.[1] : undefined),
    from,
  );

const isTaken = (field: string, value: unknown): boolean =>
  DocumentFields.safeParse(documentWith(field, value)).success;

/** What stands in a cell as the document has it: a duration, a percentage or a number. */
const documented = (text: string): unknown =>
  parseDuration(text) === undefined && !text.endsWith('%') ? Number(text) : text;

/** The nearest value on the far side of a bound. */
function beyond(text: string, direction: 1 | -1): unknown {
  if (text.endsWith('%')) {
    return `${(Number.parseFloat(text) + direction * 0.0001).toFixed(4)}%`;
  }
  const ms = parseDuration(text);
  if (ms === undefined) return Number(text) + direction * (Number.isInteger(Number(text)) ? 1 : 0.01);
  return `${ms + direction * (ms % 1000 === 0 ? 1000 : 1)}ms`;
}

describe('the page of rollouts', () => {
  const fields = tableOf('field').map(([field, standard, from, to]) => ({
    field: bare(field),
    standard: bare(standard),
    from: from ?? '',
    to: bare(to),
  }));
  const bounded = fields.filter(({ to }) => to !== '');

  test('names every field of the document, and no other', () => {
    expect(fields.map(({ field }) => field).sort()).toEqual(pathsOf(DocumentFields).sort());
  });

  test('says the default of every field that has one', () => {
    const two = { ...LEAST, stages: [LEAST.stages[0], { name: 'all', percent: '100%' }] };
    const filled = { ...DocumentFields.parse(LEAST), ...printDocument(parseDocument(two)) };
    const said = fields.filter(({ standard }) => standard !== '' && standard !== 'every day');
    expect(said.length).toBeGreaterThanOrEqual(20);
    for (const { field, standard } of said) {
      const printed = get(filled, field.replace('[]', '.0').split('.'));
      // `then` is taken and not kept: there is one word for it.
      expect([field, String(printed ?? DocumentFields.parse(LEAST).halt.then)]).toEqual([field, standard]);
    }
    expect(DocumentFields.parse({ ...LEAST, window: WINDOW }).window?.days).toHaveLength(7);
  });

  test.each(bounded)('says where $field begins and ends', ({ field, from, to }) => {
    const least = bare(from.replace('over ', ''));
    const isOpen = from.startsWith('over ');
    expect(isTaken(field, isOpen ? beyond(least, 1) : documented(least))).toBe(true);
    expect(isTaken(field, isOpen ? documented(least) : beyond(least, -1))).toBe(false);
    expect(isTaken(field, documented(to))).toBe(true);
    expect(isTaken(field, beyond(to, 1))).toBe(false);
  });

  test('says the line at which each tolerated rate halts', () => {
    const rows = tableOf('`failureRate`');
    expect(rows).toHaveLength(4);
    for (const [rate, line] of rows) {
      expect(line).toBe(boundaryText(pooledBoundary(Number.parseFloat(bare(rate)) / 100, 0.001)));
    }
  });

  test('says what people and Evenkeel itself can do in each state', () => {
    const said = tableOf('rollout is').map(([state, you = '', itself = '']) => {
      const all = `${you}, ${itself}`.replace('resume with excuses', 'resume').split(', ').filter(Boolean);
      return [bare(state), [...new Set(all)].sort()];
    });
    const allowed = Object.entries(ALLOWED).map(([state, commands]) => [
      state,
      commands.map((one) => (one === 'open-stage' ? 'advance' : one)).sort(),
    ]);
    expect(said).toEqual(allowed);
  });

  test('has every state of an attempt, and every way on from it', () => {
    const rows = tableOf('attempt is').map(([state, , on]) => [bare(state), wordsOf(on).sort()]);
    const ways = waysOn();
    expect(rows).toEqual([...OPEN_STATES, ...END_STATES].map((state) => [state, ways.get(state) ?? []]));
  });
});

/** Every step that an attempt took in some thousand histories of facts, asked and promised. */
function waysOn(): Map<string, string[]> {
  const seen = new Map<string, Set<string>>();
  const history = fc.array(anyFact(PERMIT.id), { maxLength: 8 });
  const promised = { asked: 1, atMs: GRANTED_MS, context: CONTEXT, promised: {} };
  for (const facts of fc.sample(history, { seed: 1, numRuns: 20_000 })) {
    for (const begun of [undefined, promised]) {
      let attempt = granted(begun && { begun });
      for (const fact of facts) {
        const before = attempt.state;
        attempt = applyFact(attempt, fact, CONTEXT).attempt;
        if (attempt.state !== before) {
          seen.set(before, (seen.get(before) ?? new Set()).add(attempt.state));
        }
      }
    }
  }
  return new Map([...seen].map(([from, to]) => [from, [...to].sort()]));
}
