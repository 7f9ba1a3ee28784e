import { ConflictError } from '#shared/errors/errors.ts';

/**
 * What came of a write with conditions: `stale` when one of them did not hold or somebody is just writing there, which is the
 * same to whoever has read before: read again, decide anew. Throws what `write` throws besides `ConflictError`.
 */
export async function savedOrStale(
  write: () => Promise<{ readonly outcome: 'written' | 'refused' }>,
): Promise<'saved' | 'stale'> {
  try {
    return (await write()).outcome === 'written' ? 'saved' : 'stale';
  } catch (error) {
    if (error instanceof ConflictError) return 'stale';
    throw error;
  }
}
