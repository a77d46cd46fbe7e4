import { describe, expect, test } from 'vitest';
import { frontends } from '../support/frontends.ts';
import { kitchen, notes, reportedErrors, script, topic } from '../support/kitchen.ts';
import { request, valuesOf } from '../support/request.ts';
import { serve } from '../support/serve.ts';

describe.each(Object.keys(frontends))('OnSendingHeaders in %s', (name) => {
  const app = (frontends[name] as (typeof frontends)[string])(kitchen);

  test.each([
    ['with a body', '?body'],
    ['without one', ''],
  ])('runs the last registered first, %s, and may change status and headers', async (_, query) => {
    const { url } = await serve(app);
    const answer = await request(`${url}/on-sending-headers${query}`);
    expect(answer.status).toBe(202);
    expect(valuesOf(answer, 'X-Order')).toEqual(['3,2,1']);
  });

  test('may change the reason, too', async () => {
    const { url } = await serve(app);
    const answer = await request(url + script('on-sending=status', 'on-sending=header', 'write=x'));
    expect([answer.status, answer.reason]).toEqual([418, 'Short and Stout']);
    expect(valuesOf(answer, 'X-Sending')).toEqual(['yes']);
  });
});

describe('OnSendingHeaders', () => {
  test.each([
    ['whole', ['write=x']],
    ['streamed', ['write=x', 'flush', 'write=y', 'flush']],
    ['empty', []],
    ['flushed', ['flush', 'flush']],
    ['zero bytes', ['write=', 'write=']],
  ])('runs each callback once: %s', async (_, writes) => {
    const { url } = await serve(kitchen);
    const id = topic();
    await request(
      url + script(`id=${id}`, 'on-sending=a', 'on-sending=b', ...writes, 'note=ended'),
    );
    const seen = await notes(id, 3);
    expect(seen.filter((each) => each.startsWith('sending'))).toEqual(['sending b', 'sending a']);
  });

  test('runs for HEAD, 204 and 304', async () => {
    const { url } = await serve(kitchen);
    for (const [method, status] of [
      ['HEAD', 200],
      ['GET', 204],
      ['GET', 304],
    ] as const) {
      const path = script(`status=${status}`, 'on-sending=header');
      expect(valuesOf(await request(url + path, { method }), 'X-Sending')).toEqual(['yes']);
    }
  });

  test('runs what a callback registers', async () => {
    const { url } = await serve(kitchen);
    const id = topic();
    await request(url + script(`id=${id}`, 'on-sending=register', 'write=x'));
    expect(await notes(id, 2)).toEqual(['sending register', 'sending nested']);
  });

  test('can no longer be registered after the start', async () => {
    const { url } = await serve(kitchen);
    const { body } = await request(`${url}/on-sending-headers?body`);
    expect(body).toBe(
      'body register:System.InvalidOperationException header:System.InvalidOperationException',
    );
  });

  test('that throws is thrown by the Write that started, and the app may answer all the same', async () => {
    const { url } = await serve(kitchen);
    const id = topic();
    const path = script(
      `id=${id}`,
      'on-sending=header',
      'on-sending=throw',
      'try',
      'write=one',
      'write=two',
    );
    const answer = await request(url + path);
    expect([answer.status, answer.body]).toEqual([200, 'two']);
    expect(valuesOf(answer, 'X-Sending')).toEqual(['yes']);
    expect(await notes(id, 4)).toEqual([
      'sending throw',
      'write: System.InvalidOperationException: thrown in OnSendingHeaders',
      'sending header',
      'write: none',
    ]);
  });

  test.each([
    ['in a Write', '/on-sending-headers-throws'],
    ['at the end', script('on-sending=throw')],
  ])('that throws %s with nothing to catch it is a 500', async (_, path) => {
    const { url } = await serve(kitchen);
    const answer = await request(url + path);
    expect([answer.status, answer.body]).toEqual([500, '']);
    expect(reportedErrors()).toMatchObject([{ message: 'thrown in OnSendingHeaders' }]);
  });

  test('does not run for an app that fails before', async () => {
    const { url } = await serve(kitchen);
    const id = topic();
    await request(url + script(`id=${id}`, 'on-sending=a', 'note=here', 'throw=x'));
    expect(await notes(id)).toEqual(['here']);
    reportedErrors();
  });
});
