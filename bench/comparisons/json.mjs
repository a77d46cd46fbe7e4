// POST of 1 KB of JSON: parsed, one field added, written again.
import { strict as assert } from 'node:assert';
import { request } from '../lib/load.mjs';
import { underLoad } from './hello.mjs';

export const json = underLoad('/json', {
  post: true,
  async verify(server) {
    const { body } = await request(server, '/json', { method: 'POST', body: '{"id":1}' });
    assert.deepEqual(JSON.parse(body), { id: 1, handledBy: 'server' });
  },
});
