import { buildApp } from 'fauxqs';

/** S3 and SQS on the loopback alone (the package's own program listens everywhere); says where once it serves. */
const app = await buildApp({ logger: false });
const address = await app.listen({ port: 0, host: '127.0.0.1' });
process.stdout.write(`serving at ${address}\n`);
