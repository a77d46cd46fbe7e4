// What src/index.ts loads when a function, class, worker or job is first asked for.
export { createFunction } from './func.ts';
export { createJob } from './job.ts';
export { load } from './load.ts';
export { createWorker } from './worker.ts';
