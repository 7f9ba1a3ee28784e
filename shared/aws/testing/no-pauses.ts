import { jest } from '@jest/globals';

/** The pauses between tries are a share of a growing time, drawn by chance: it always draws nothing, and tests do not wait. */
export function pauseForNothing(): void {
  jest.spyOn(Math, 'random').mockReturnValue(0);
}
