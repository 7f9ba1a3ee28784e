/**
 * A thread of its own that copies sqlite's log into the file of the database named by `workerData.path`, once for each message
 * it gets, and answers with what `PRAGMA wal_checkpoint` says. Ends by itself when nothing has been asked of it for a while.
 * In plain JavaScript, so that the thread need not load what strips types.
 */
const { parentPort, workerData } = require('node:worker_threads');
const { DatabaseSync } = require('node:sqlite');

const sqlite = new DatabaseSync(workerData.path);
// NORMAL: the log is flushed before a checkpoint, the file after it. Pages go past the cache.
sqlite.exec('PRAGMA synchronous = NORMAL; PRAGMA cache_size = -64');
const checkpoint = sqlite.prepare('PRAGMA wal_checkpoint(PASSIVE)');

const end = () => {
  sqlite.close();
  parentPort.close();
};
let idle = setTimeout(end, workerData.idleMs);
parentPort.on('message', () => {
  clearTimeout(idle);
  const { log, checkpointed } = checkpoint.get();
  parentPort.postMessage({ log, checkpointed });
  idle = setTimeout(end, workerData.idleMs);
});
