import { describe, expect, test } from 'vitest';
import { get, serving } from './child.ts';

describe.each(['thread', 'pool', 'async-void'])(
  'an exception that nothing catches on a CLR thread (%s)',
  (on) => {
    test('is an uncaughtException of Node; with a listener the process lives on', async () => {
      const server = await serving('unhandled.mjs', 'listen');
      for (let times = 0; times < 20; times++) {
        expect(await get(`${server.url}/unhandled?on=${on}`)).toBe('about to throw');
        expect(await server.next()).toEqual({
          name: 'System.InvalidOperationException',
          message: 'nobody catches this',
          stack: expect.stringMatching(
            /^System\.InvalidOperationException: nobody catches this\n +at Kitchen\.Startup\.ThrowUnhandled\(\) in .*Startup\.Endings\.cs:line \d+/,
          ),
          origin: 'uncaughtException',
        });
      }
      expect(await get(`${server.url}/hello`)).toContain('Hello');
      server.process.kill();
      expect(await server.exit()).toMatchObject({ signal: 'SIGTERM' });
      expect(server.stderr).toBe('');
    });

    test('ends the process with 1 where nobody listens, and says what it was', async () => {
      const server = await serving('unhandled.mjs', 'exit');
      await get(`${server.url}/unhandled?on=${on}`).catch(() => {});
      expect(await server.next()).toEqual({ exit: 1 });
      expect(await server.exit()).toMatchObject({ code: 1, signal: null });
      expect(server.stderr).toContain('System.InvalidOperationException: nobody catches this');
      expect(server.stderr).toMatch(/Startup\.Endings\.cs:line \d+/);
    });
  },
);
