import type { RuleMessage } from '#host/iot/sql/rule-message.ts';

/** A message that a client (or the broker itself) has published, after all checks, as rules see it. */
export type DevicePublish = RuleMessage;
