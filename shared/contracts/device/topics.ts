/**
 * Topics of the device protocol. Devices publish on Basic Ingest topics (`$aws/rules/<rule>/...`, no messaging charge) and
 * receive on their own. Rule names are protocol: they never change.
 */
export const RULES = {
  check: 'ek_check',
  permit: 'ek_permit',
  report: 'ek_report',
  inventory: 'ek_inventory',
} as const;
/** What devices send. */
export type Upward = keyof typeof RULES;
/** What devices receive on their own topics. */
export type Downward = 'offer' | 'permit' | 'ack' | 'refused';

/** The topic on which `thing` publishes a message of that kind. */
export const upTopic = (thing: string, kind: Upward): string =>
  `$aws/rules/${RULES[kind]}/ek/${thing}/${kind}`;
/** The topic on which `thing` receives a message of that kind. */
export const downTopic = (thing: string, kind: Downward): string => `ek/${thing}/${kind}`;
/** The topic of the hint "ask now" to all devices of that hardware. */
export const hintTopic = (tenant: string, product: string, hardware: string): string =>
  `ek/hint/${tenant}/${product}/${hardware}`;
