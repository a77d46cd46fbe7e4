// How late Node's event loop runs while .NET keeps the machine busy and 1,000 requests a second come in.
//
// The other side is plain express with the same .NET work in a process of its own: what is left of its delay
// is the machine's, not the crossing's.
import { availableParallelism } from 'node:os';
import { paced, request } from '../lib/load.mjs';
import { abba, difference, level, paired } from '../lib/paired.mjs';
import { verifyHello } from './hello.mjs';

const RATE = 1000;
const QUEENS = 12;

const storms = {
  gc: {
    start: (server) => request(server, '/collect?on=1'),
    load: () => ({}),
    stop: (server) => request(server, '/collect?on=0'),
  },
  burn: {
    start() {},
    load: ({ port }) => ({
      burn: `http://127.0.0.1:${port}/burn?n=${QUEENS}`,
      lanes: availableParallelism(),
    }),
    stop() {},
  },
};

/** The comparison under one kind of storm: 'gc' or 'burn'. */
export const loop =
  (kind) =>
  async ({ start, a, b, plan }) => {
    const storm = storms[kind];
    const elsewhere = await start('kestrel');
    const stormy = (server) => (server.name === b ? elsewhere : server);

    async function sample(server, seconds) {
      await storm.start(stormy(server));
      await server.ask('watchLoop');
      const latency = await paced(server, '/hello', {
        rate: RATE,
        seconds,
        ...storm.load(stormy(server)),
      });
      const delay = await server.ask('loopDelay');
      await storm.stop(stormy(server));
      return { ...delay, answer50: latency.p50, answer99: latency.p99 };
    }

    try {
      const groups = await paired({
        start,
        a,
        b,
        plan: { ...plan, rounds: plan.loopRounds },
        async warm(server) {
          await verifyHello(server);
          await sample(server, plan.loopSeconds);
        },
        round: abba((server) => sample(server, plan.loopSeconds)),
      });
      return {
        figures: {
          delay99: level(groups, 'a', 'p99'),
          delay99B: level(groups, 'b', 'p99'),
          delay99Added: difference(groups, 'p99'),
          delayMax: level(groups, 'a', 'max'),
          answer99: level(groups, 'a', 'answer99'),
          answer99B: level(groups, 'b', 'answer99'),
        },
        raw: groups,
      };
    } finally {
      await elsewhere.stop();
    }
  };
