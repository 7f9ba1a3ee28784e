import type { Capabilities, CapabilityName, Home } from '#shared/capabilities/home.ts';
import { EvenkeelError } from '#shared/errors/errors.ts';

/** The error classes of a version, by their names. */
export type ErrorClasses = Readonly<Record<string, { readonly prototype: object }>>;

/**
 * A home whose capabilities throw the errors of another version, as they would if they had been built with it: functions tell errors apart
 * by their classes, and this home's are those of this version.
 */
export function inErrorsOf(classes: ErrorClasses, home: Home): Home {
  const translated = (error: unknown): unknown => {
    const theirs = error instanceof EvenkeelError ? classes[error.name] : undefined;
    return theirs === undefined ? error : Object.setPrototypeOf(error, theirs.prototype);
  };
  return {
    ...home,
    provide: async <Name extends CapabilityName>(...wanted: Parameters<typeof home.provide<Name>>) =>
      throwing<Capabilities[Name]>(await home.provide<Name>(...wanted), translated),
    setting: (variable) => home.setting(variable),
  };
}

/** The same capability, whose calls fail with what `translated` makes of their errors. */
function throwing<T extends object>(capability: T, translated: (error: unknown) => unknown): T {
  return new Proxy(capability, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return (...parameters: unknown[]): unknown => {
        const fail = (error: unknown): never => {
          throw translated(error);
        };
        try {
          const answer: unknown = Reflect.apply(member, target, parameters);
          return answer instanceof Promise ? answer.catch(fail) : answer;
        } catch (error) {
          return fail(error);
        }
      };
    },
  });
}
