const PERSON = 'operator:';

/** The actor of what Evenkeel decides by itself. */
export const AUTOMATIC = 'evenkeel';

/** How audit log and events name a person. */
export const operator = (name: string): string => `${PERSON}${name}`;

/** Name of the person who is the actor; `undefined` where Evenkeel decided by itself. */
export const operatorName = (actor: string): string | undefined =>
  actor.startsWith(PERSON) ? actor.slice(PERSON.length) : undefined;
