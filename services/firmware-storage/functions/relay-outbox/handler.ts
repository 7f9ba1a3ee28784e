import { bus } from '#shared/capabilities/needs.ts';
import { onChange } from '#shared/lambda/on-change.ts';
import { relayOutbox } from '#shared/outbox/outbox.ts';

/** A change committed an outbox entry -> its event is on the bus. */
export const handler = onChange({ bus: bus('EVENT_BUS') }, relayOutbox);
