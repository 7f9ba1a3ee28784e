import { RefusedError } from '#shared/errors/errors.ts';

/** What a cursor belongs to: it is good for no other table, index or partition. */
export interface CursorScope {
  readonly table: string;
  readonly index: string | undefined;
  readonly partition: string | number;
}

/** A position in a key range as an opaque text. `position` are the cells that order the range. */
export function cursorAt(scope: CursorScope, position: readonly (string | number)[]): string {
  const parts = [scope.table, scope.index ?? null, scope.partition, ...position];
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/**
 * The position that a cursor names. A cursor may have been in a client's hands, so everything is checked: throws
 * `RefusedError` unless it is one that a query of the same scope gave, with cells of these types.
 */
export function positionOf(
  cursor: string,
  scope: CursorScope,
  types: readonly ('string' | 'number')[],
): readonly (string | number)[] {
  const [table, index, partition, ...position] = parse(cursor);
  const isOfScope = table === scope.table && index === (scope.index ?? null) && partition === scope.partition;
  if (!isOfScope || position.length !== types.length) throw refused();
  return position.map((cell, at) => {
    if ((typeof cell !== 'string' && typeof cell !== 'number') || typeof cell !== types[at]) throw refused();
    // No key has such a text; DynamoDB takes half a surrogate pair for a fault of the program that sends it.
    if (typeof cell === 'string' && (cell === '' || !cell.isWellFormed())) throw refused();
    return cell;
  });
}

function parse(cursor: string): readonly unknown[] {
  // base64 makes 4 characters of 3 bytes; no position is larger than the keys it is made of.
  if (cursor.length > 16_384) throw refused();
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch (error) {
    if (error instanceof SyntaxError) throw refused();
    throw error;
  }
  if (!Array.isArray(parts)) throw refused();
  return parts;
}

function refused(): RefusedError {
  return new RefusedError('cursor', 'is not one that this query gave');
}
