import { describeBucket } from '#shared/capabilities/conformance/bucket.suite.ts';
import { describeDownloads } from '#shared/capabilities/conformance/downloads.suite.ts';
import { describeUploads } from '#shared/capabilities/conformance/uploads.suite.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { MemoryBuckets, MemoryDisk } from './memory-buckets.ts';

/** The twin's own HTTP, spoken as the suites speak it. */
async function open() {
  const buckets = new MemoryBuckets(new MemoryDisk(), {
    directory: '',
    buckets: ['firmware'],
    baseUrl: 'https://home',
    world: realWorld,
    onObjectCreated: async () => undefined,
    onFault: (error) => {
      throw error;
    },
  });
  const fetch: typeof globalThis.fetch = async (url, init = {}) => {
    const headers = new Headers(init.headers);
    const [range, ifRange] = [headers.get('range'), headers.get('if-range')];
    const answer = buckets.fetchUrl({
      method: init.method ?? 'GET',
      url: String(url),
      ...(init.body && { body: new Uint8Array(await new Response(init.body).arrayBuffer()) }),
      ...(range !== null && { range }),
      ...(ifRange !== null && { ifRange }),
    });
    return new Response(new Uint8Array(answer.body), {
      status: answer.status,
      headers: { ...answer.headers },
    });
  };
  return { ...buckets.of('firmware'), fetch, close: () => buckets.close() };
}

describeBucket('a bucket in memory', open);
describeUploads('a bucket in memory', open);
describeDownloads('a bucket in memory', open);
