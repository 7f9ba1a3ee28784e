import path from 'node:path';

/** Name of the file with the late libraries beside the bundle of that entry point: `handler.late.cjs` for `handler.ts`. */
export const lateFileOf = (entryPoint: string): string => `${path.parse(entryPoint).name}.late.cjs`;
