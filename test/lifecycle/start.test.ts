import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { run, serving } from './child.ts';

describe('the first owin()', () => {
  test('starts .NET in the background: the event loop goes on, requests wait', async () => {
    const stalls: number[] = [];
    for (let start = 0; start < 3; start++) stalls.push(await stallOfStart());
    console.log(
      `the event loop stood still for ${stalls.map((ms) => ms.toFixed(1)).join(', ')} ms`,
    );
    // A thread that it waits for may get no processor: the best of three is what the start itself takes.
    expect(Math.min(...stalls)).toBeLessThan(50);
  });

  /** Starts a process and returns for how many ms its event loop stood still meanwhile. */
  async function stallOfStart(): Promise<number> {
    const server = await serving('start.mjs');
    const response = await fetch(`${server.url}/hello`, { headers: { Connection: 'close' } });
    expect(await response.text()).toBe('<p>Hello, world from .NET!</p>');
    const { before, during, after, longest } = await server.next();
    expect(before).toEqual({ state: 'idle' });
    expect(during).toEqual({ state: 'starting' });
    expect(after).toMatchObject({
      state: 'running',
      owner: 'owin',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    });
    expect(await server.exit()).toMatchObject({ code: 0 });
    expect(server.stderr).toBe('');
    return longest;
  }

  test('lets the process end where nothing else keeps it', async () => {
    const child = run('settings.mjs', '{}');
    expect(await child.exit()).toMatchObject({ code: 0 });
    expect(child.stderr).toBe('');
  });
});

describe('the bridge', () => {
  test('on .NET 10 is the one compiled ahead of time', async () => {
    const child = run('bridge.mjs');
    const { version, bridge, jitted, loaded } = await child.next();
    expect(version).toMatch(/^10\./);
    expect(bridge).toMatch(/[\\/]net10\.0[\\/]Owin\.Host\.dll$/);
    expect(managedNativeHeaderBytes(readFileSync(bridge))).toBeGreaterThan(0);
    console.log(`${jitted} methods were compiled until the first answer`);
    expect(loaded).toEqual(expect.arrayContaining(['Owin.Host', 'Kitchen', 'System.Runtime']));
    const others = ['Owin.Host.AspNetCore', 'System.Net.Http', 'System.Text.Json', 'System'];
    expect(loaded).not.toEqual(expect.arrayContaining([expect.toBeOneOf(others)]));
    expect(jitted).toBeLessThan(110); // more than 160 where all of the bridge has to be
  });

  test('loads no libraries that it does not use when .NET compiles it anew', async () => {
    const child = run('compiled-anew.mjs');
    const { methods, loaded } = await child.next();
    expect(methods).toBeGreaterThan(200);
    expect(loaded).toContain('Kitchen');
    expect(loaded).not.toContain('System.Text.Json');
    expect(loaded).not.toContain('System.Private.Xml');
    expect(await child.exit()).toMatchObject({ code: 0 });
  });
});

/** Length of the ReadyToRun header of a managed assembly; 0: it has none. */
function managedNativeHeaderBytes(file: Buffer): number {
  const pe = file.readUInt32LE(0x3c);
  const optional = pe + 24;
  const directories = optional + (file.readUInt16LE(optional) === 0x20b ? 112 : 96);
  const clr = fileOffset(file.readUInt32LE(directories + 14 * 8));
  return file.readUInt32LE(clr + 64 + 4);

  function fileOffset(address: number): number {
    const sections = optional + file.readUInt16LE(pe + 20);
    for (let at = sections; at < sections + file.readUInt16LE(pe + 6) * 40; at += 40) {
      const begin = file.readUInt32LE(at + 12);
      if (address >= begin && address < begin + file.readUInt32LE(at + 16))
        return address - begin + file.readUInt32LE(at + 20);
    }
    throw new Error('no section has the CLR header');
  }
}
