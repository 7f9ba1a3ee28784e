import { parentPort } from 'node:worker_threads';
import { type HaltingJob, runHaltingJob } from './halting-runs.ts';

/** A thread that runs jobs, one at a time. */
parentPort?.on('message', (job: HaltingJob) => parentPort?.postMessage(runHaltingJob(job)));
