import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { Bus, BusEvent } from '#shared/capabilities/bus.ts';
import type { AwsSource } from '#shared/capabilities/home.ts';
import { checkEvent } from '#shared/capabilities/limits/event.ts';
import { calling } from './aws-error.ts';
import { batchesOf, sendBatches } from './batches.ts';
import { CLIENT_SETTINGS } from './client-settings.ts';

const newClient = () => new EventBridgeClient(CLIENT_SETTINGS);

/** The bus that the variable names. */
export function open({ resource, share }: AwsSource): Bus {
  return new EventBridgeBus(share(newClient), resource);
}

/** `Bus` on EventBridge, which gives events ids of its own: ours is in the detail. */
export class EventBridgeBus implements Bus {
  readonly #client: EventBridgeClient;
  readonly #name: string;

  constructor(client: EventBridgeClient, name: string) {
    this.#client = client;
    this.#name = name;
  }

  async publish(events: readonly BusEvent[]): Promise<{ readonly failed: readonly number[] }> {
    events.forEach(checkEvent);
    const entries = events.map(({ source, type, detail }) => ({
      EventBusName: this.#name,
      Source: source,
      DetailType: type,
      Detail: JSON.stringify(detail),
    }));
    const batches = batchesOf(entries, sizeBytes);
    return sendBatches(batches, async (batch) => {
      const request = new PutEventsCommand({ Entries: batch.map(({ item }) => item) });
      const { Entries: results = [] } = await calling('events:PutEvents', this.#name, () =>
        this.#client.send(request),
      );
      // Item by item, in the order sent: what has no id was not taken.
      return batch.filter((_, at) => results[at]?.EventId === undefined).map(({ at }) => at);
    });
  }
}

/** What EventBridge counts: source, type and detail in UTF-8 (PutEvents, "Calculating event entry size"). */
function sizeBytes(entry: {
  readonly Source: string;
  readonly DetailType: string;
  readonly Detail: string;
}): number {
  return (
    Buffer.byteLength(entry.Source) + Buffer.byteLength(entry.DetailType) + Buffer.byteLength(entry.Detail)
  );
}
