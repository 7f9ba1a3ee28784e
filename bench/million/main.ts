import { parseArgs } from 'node:util';
import { fleetFigures } from './fleet-figures.ts';

/** One size of fleet in a process of its own: `--devices N --data DIR`; its figures as JSON on standard output. */
const { values } = parseArgs({ options: { devices: { type: 'string' }, data: { type: 'string' } } });
const { devices = '', data = '' } = values;
const figures = await fleetFigures(Number(devices), data, (text) => process.stderr.write(`${text}\n`));
process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.exit(0));
