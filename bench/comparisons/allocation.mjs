// Managed bytes allocated for each hello request.
import { request } from '../lib/load.mjs';
import { estimate } from '../lib/stats.mjs';
import { wrk } from '../lib/wrk.mjs';

export async function allocation({ start, a, plan }) {
  const server = await start(a);
  const allocated = async () => Number((await request(server, '/allocated')).body);
  try {
    await wrk(server, '/hello', { seconds: plan.warmSeconds });
    const raw = [];
    for (let i = 0; i < plan.allocationRuns; i++) {
      const before = await allocated();
      const requests = await wrk(server, '/hello', { seconds: plan.seconds });
      raw.push(((await allocated()) - before) / requests);
    }
    return { figures: { bytes: estimate([raw]) }, raw };
  } finally {
    await server.stop();
  }
}
