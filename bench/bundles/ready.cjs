/*
 * Loads the bundle named on the command line. Says, as the last line of standard output, how long after the start of this process its
 * handler was there, and how long until a first call had its clients: the call is of an event that nothing sends, and fails then.
 */
const { handler } = require(process.argv[2]);
if (typeof handler !== 'function') throw new Error(`${process.argv[2]} has no handler`);
const readyMs = performance.now();
const context = { awsRequestId: 'bench', functionName: 'bench', getRemainingTimeInMillis: () => 60_000 };
handler({}, context)
  .catch((error) => {
    if (error.name === 'ConfigurationError') throw error;
  })
  .then(() => console.log(`\n${JSON.stringify({ readyMs, boundMs: performance.now() })}`));
