import { types } from 'node:util';

/**
 * Lets `instanceof Error` be true of what Node's own modules throw. jest runs a test in a realm of its own, where errors of
 * the connection are no `Error`; the SDK would wrap them, and lose their code, which on Lambda it never does.
 */
export function seeErrorsOfNode(): void {
  const isInstance = Function.prototype[Symbol.hasInstance];
  Object.defineProperty(Error, Symbol.hasInstance, {
    configurable: true,
    value(this: unknown, value: unknown): boolean {
      return isInstance.call(this, value) || (this === Error && types.isNativeError(value));
    },
  });
}
