/* Loads the bundle named on the command line and says how long after the start of this process its handler was there. */
const { handler } = require(process.argv[2]);
if (typeof handler !== 'function') throw new Error(`${process.argv[2]} has no handler`);
process.stdout.write(String(performance.now()));
