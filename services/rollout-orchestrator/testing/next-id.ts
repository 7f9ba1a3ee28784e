let serial = 0;

/** An identifier that the contracts take, different each time. */
export const nextId = (): string => `01JD4Z6Q7R8S9T0V1W${String(++serial).padStart(8, '0')}`;
