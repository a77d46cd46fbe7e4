// Behind every hostile request, the bytes that follow are answered as a request of their own, or the connection is
// closed: nothing in it is ever taken for another request.
import { beforeAll, describe, expect, test } from 'vitest';
import { Connection } from '../support/connection.ts';
import { frontends } from '../support/frontends.ts';
import { type HostileRequest, hostileRequests } from '../support/hostile-requests.ts';
import { allLetGo, kitchen, notes, reportedErrors, script, topic } from '../support/kitchen.ts';
import { serve } from '../support/serve.ts';

beforeAll(() => kitchen.ready);

const AFTER = 'answered behind it';

/** Ways the bytes may come: all in one segment, or bit by bit. */
const deliveries: Record<string, (connection: Connection, bytes: Buffer) => Promise<void>> = {
  'at once': async (connection, bytes) => void connection.send(bytes),
  'byte by byte': async (connection, bytes) => {
    connection.socket.setNoDelay(true);
    const step = Math.ceil(bytes.length / 400);
    for (let i = 0; i < bytes.length && !connection.ended; i += step) {
      connection.send(bytes.subarray(i, i + step));
      await new Promise(setImmediate);
    }
  },
};

/** Statuses of all responses up to the one to the request behind, or to the end of the connection. */
async function statuses(connection: Connection): Promise<{ statuses: number[]; behind: string }> {
  const seen: number[] = [];
  while (true) {
    const response = await connection.response().catch(() => undefined);
    if (!response) return { statuses: seen, behind: 'closed' };
    if (response.text === AFTER) return { statuses: seen, behind: 'fresh' };
    seen.push(response.status);
  }
}

const id = topic();
const reading = script(`id=${id}`, 'header=Content-Length:7', 'read', 'write=hostile');
const ignoring = script(`id=${id}`, 'header=Content-Length:7', 'write=hostile');
const following = script(`id=${id}`, 'note=after', `write=${AFTER}`);

async function attack(port: number, row: HostileRequest, target: string, delivery: string) {
  const connection = await Connection.open(port);
  const after = `GET ${following} HTTP/1.1\r\nHost: a\r\n\r\n`;
  const bytes = Buffer.from(row.bytes(target) + after, 'latin1');
  const [answer] = await Promise.all([
    statuses(connection),
    (deliveries[delivery] as (typeof deliveries)[string])(connection, bytes),
  ]);
  if (answer.behind === 'closed') await connection.end();
  connection.destroy();
  return answer;
}

describe.each(['node:http', 'express 5'])('behind a hostile request in %s', (name) => {
  const app = (frontends[name] as (typeof frontends)[string])(kitchen);

  test.each(hostileRequests(id))('$name: $status, then $behind', async (row) => {
    const { port } = await serve(app);
    const answers = [row.status].flat().map((status) => (status === 0 ? [] : [status]));
    for (const delivery of Object.keys(deliveries)) {
      const read = await attack(port, row, reading, delivery);
      expect(answers, `read, ${delivery}`).toContainEqual(read.statuses);
      expect(read.behind, `read, ${delivery}`).toBe(row.behind);
      // An app that does not read may have answered before the error was seen.
      const unread = await attack(port, row, ignoring, delivery);
      const also =
        row.behind === 'fresh' ? [] : [[], [200], ...answers.map((each) => [200, ...each])];
      expect([...answers, ...also], `unread, ${delivery}`).toContainEqual(unread.statuses);
      expect(unread.behind, `unread, ${delivery}`).toBe(row.behind);
    }
    reportedErrors();
  });
});

test('and nothing was smuggled, nothing is held', async () => {
  expect(new Set(await notes(id))).toEqual(new Set(['after']));
  await allLetGo();
});
