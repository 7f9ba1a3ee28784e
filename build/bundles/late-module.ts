/**
 * Source of a CommonJS module with those names, all of which come from what `loading` (an expression) gives: it is evaluated
 * when one of them is read for the first time, and not when the module is loaded.
 */
export function lateModule(names: readonly string[], loading: string): string {
  return `for (const name of ${JSON.stringify(names)})
  Object.defineProperty(exports, name, {
    enumerable: true,
    configurable: true,
    get() {
      const value = (${loading})[name];
      Object.defineProperty(exports, name, { value });
      return value;
    },
  });`;
}
