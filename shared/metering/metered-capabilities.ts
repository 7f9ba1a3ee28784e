import type { Backlog } from '#shared/capabilities/backlog.ts';
import type { Bucket, Uploads } from '#shared/capabilities/bucket.ts';
import type { Bus } from '#shared/capabilities/bus.ts';
import type { DeviceLink } from '#shared/capabilities/device-link.ts';
import type { Capabilities } from '#shared/capabilities/home.ts';
import type { Identity } from '#shared/capabilities/identity.ts';
import type { Queue } from '#shared/capabilities/queue.ts';
import type { Signer } from '#shared/capabilities/signer.ts';
import type { Timer } from '#shared/capabilities/timer.ts';
import type { BilledUnit } from './billed-unit.ts';
import type { InstanceMeter } from './instance-meter.ts';

/** IoT Core counts messages in steps of 5 KB. */
const IOT_STEP_BYTES = 5 * 1024;
/** A function's message is published over HTTP and delivered to the device. */
const PUBLISH_AND_DELIVERY = 2;
/** SQS and EventBridge count payloads in steps of 64 KB. */
const PAYLOAD_STEP_BYTES = 64 * 1024;
const QUEUE_BATCH = 10;
const BUS_BATCH = 10;

type Metering = {
  readonly [Name in MeteredName]: (
    capability: Capabilities[Name],
    meter: InstanceMeter,
  ) => Capabilities[Name];
};
type MeteredName =
  | 'bucket'
  | 'uploads'
  | 'downloads'
  | 'queue'
  | 'backlog'
  | 'bus'
  | 'timer'
  | 'deviceLink'
  | 'identity'
  | 'signer';

/** What calls AWS, with a meter around it: calls are counted as AWS bills what they do. Tables have a meter of their own. */
export const METERED: Metering = {
  queue: meteredQueue,
  backlog: meteredBacklog,
  bus: meteredBus,
  deviceLink: meteredLink,
  bucket: meteredBucket,
  uploads: meteredUploads,
  // Signing a URL calls nobody; what it brings is counted as delivery, by the devices that were told of it.
  downloads: (downloads) => downloads,
  identity: meteredIdentity,
  timer: meteredTimer,
  signer: meteredSigner,
};

function meteredQueue(queue: Queue, meter: InstanceMeter): Queue {
  return {
    async send(messages) {
      for (let at = 0; at < messages.length; at += QUEUE_BATCH) {
        const batch = messages.slice(at, at + QUEUE_BATCH);
        const sizeBytes = batch.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0);
        meter.bill('queueRequests', Math.max(1, Math.ceil(sizeBytes / PAYLOAD_STEP_BYTES)));
        meter.called();
      }
      return queue.send(messages);
    },
  };
}

/** The counts of a queue that is not empty are followed by a read of its age. */
function meteredBacklog(backlog: Backlog, meter: InstanceMeter): Backlog {
  return {
    async unread() {
      const unread = await billing(meter, 'queueRequests', 1)(() => backlog.unread());
      if (unread.oldestSentAtMs === undefined) return unread;
      meter.bill('metricReads', 1);
      meter.called();
      return unread;
    },
  };
}

function meteredBus(bus: Bus, meter: InstanceMeter): Bus {
  return {
    publish(events) {
      for (const [at, { detail }] of events.entries()) {
        const sizeBytes = Buffer.byteLength(JSON.stringify(detail));
        meter.bill('busEvents', Math.max(1, Math.ceil(sizeBytes / PAYLOAD_STEP_BYTES)));
        if (at % BUS_BATCH === 0) meter.called();
      }
      return bus.publish(events);
    },
  };
}

function meteredLink(link: DeviceLink, meter: InstanceMeter): DeviceLink {
  return {
    publish(topic, payload) {
      const steps = Math.max(1, Math.ceil(payload.length / IOT_STEP_BYTES));
      return billing(meter, 'iotMessages', steps * PUBLISH_AND_DELIVERY)(() => link.publish(topic, payload));
    },
    disconnect: (thing) => free(meter)(() => link.disconnect(thing)),
  };
}

function meteredBucket(bucket: Bucket, meter: InstanceMeter): Bucket {
  const get = billing(meter, 'bucketGets', 1);
  const put = billing(meter, 'bucketPuts', 1);
  return {
    put: (key, body) => put(() => bucket.put(key, body)),
    head: (key) => get(() => bucket.head(key)),
    read: (key, options) => get(() => bucket.read(key, options)),
    copy: (from, to) => put(() => bucket.copy(from, to)),
    remove: (key) => free(meter)(() => bucket.remove(key)),
    list: (prefix, options) => put(() => bucket.list(prefix, options)),
  };
}

function meteredUploads(uploads: Uploads, meter: InstanceMeter): Uploads {
  const put = billing(meter, 'bucketPuts', 1);
  return {
    async begin(key, options) {
      const upload = await put(() => uploads.begin(key, options));
      // Each part is a PUT of whoever uploads, on the account of whoever owns the bucket.
      meter.bill('bucketPuts', upload.parts.length);
      return upload;
    },
    // A LIST, which is billed as a PUT is.
    renew: (key, uploadId, options) => put(() => uploads.renew(key, uploadId, options)),
    complete: (key, uploadId, parts) => put(() => uploads.complete(key, uploadId, parts)),
    abort: (key, uploadId) => free(meter)(() => uploads.abort(key, uploadId)),
  };
}

/** CreateThing, the certificate, and two attachments. */
const OPERATIONS_TO_ISSUE = 4;

function meteredIdentity(identity: Identity, meter: InstanceMeter): Identity {
  const issue = billing(meter, 'registryOperations', OPERATIONS_TO_ISSUE);
  const revoke = billing(meter, 'registryOperations', 1);
  return {
    issue: (request) => issue(() => identity.issue(request)),
    revoke: (thing, certificateId) => revoke(() => identity.revoke(thing, certificateId)),
  };
}

function meteredTimer(timer: Timer, meter: InstanceMeter): Timer {
  const set = billing(meter, 'timerSchedules', 1);
  return {
    set: (name, atMs, body) => set(() => timer.set(name, atMs, body)),
    cancel: (name) => free(meter)(() => timer.cancel(name)),
  };
}

function meteredSigner(signer: Signer, meter: InstanceMeter): Signer {
  const ask = billing(meter, 'keyRequests', 1);
  return {
    sign: (message) => ask(() => signer.sign(message)),
    // On AWS an instance asks once.
    publicKeyPem: () => signer.publicKeyPem(),
  };
}

type Around = <T>(call: () => Promise<T>) => Promise<T>;

/** A call of AWS that is billed so. */
function billing(meter: InstanceMeter, unit: BilledUnit, amount: number): Around {
  return (call) => {
    meter.bill(unit, amount);
    meter.called();
    return call();
  };
}

/** A call of AWS that costs nothing but its time. */
function free(meter: InstanceMeter): Around {
  return (call) => {
    meter.called();
    return call();
  };
}
