import { serve } from '#host/serve.ts';
import { readServices } from '#host/serverless/read-services.ts';
import { realWorld } from '#shared/world/real-world.ts';

/**
 * Serves the services of a root folder in a data directory until somebody kills this process, which a test does at a moment of
 * its own choosing: `node serve-until-killed.ts <root> <directory>`.
 */
const [, , root = '', directory = ''] = process.argv;
await serve({
  services: readServices({ root, stage: 'test' }),
  directory,
  address: '127.0.0.1',
  mqttPort: 0,
  httpPort: 0,
  name: 'localhost',
  tenant: 'acme',
  world: realWorld,
  writeLine: (line) => process.stderr.write(`${line}\n`),
  onFatal: () => process.exit(70),
});
