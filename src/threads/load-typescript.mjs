// The first that a worker thread runs: it does not take over what loads TypeScript in the main thread.
import { workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
await import(workerData.program);
