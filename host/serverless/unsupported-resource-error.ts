import { ConfigurationError } from '#shared/errors/errors.ts';

/** A service asks for something that one machine does not offer, or says it in a way that AWS would refuse; thrown at start. */
export class UnsupportedResourceError extends ConfigurationError {
  readonly service: string;
  /** Logical id of the resource, or key of the function. */
  readonly resource: string;
  /** Path of the property (`TopicRulePayload.Actions`); empty when the resource as a whole is at fault. */
  readonly property: string;

  constructor(service: string, resource: string, property: string, rule: string) {
    super(`${[service, resource, property].filter((part) => part !== '').join(': ')} ${rule}`);
    this.service = service;
    this.resource = resource;
    this.property = property;
  }
}
