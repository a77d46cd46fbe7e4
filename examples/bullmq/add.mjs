import { Queue, QueueEvents } from 'bullmq';

const connection = { port: Number(process.env.REDIS_PORT ?? 6379) };
const queue = new Queue('hash', { connection });
const events = new QueueEvents('hash', { connection });
events.on('progress', ({ jobId, data }) => console.log(`job ${jobId}: ${data} %`));

// The arguments of Work.Hash.
const job = await queue.add('hash', ['Ella', 1_000_000], { attempts: 3 });
console.log(await job.waitUntilFinished(events));
await Promise.all([queue.close(), events.close()]);
