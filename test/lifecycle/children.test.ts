// Both Node and .NET learn of the end of their children by SIGCHLD.
import { describe, expect, test } from 'vitest';
import { get, serving } from './child.ts';

async function start(...args: string[]) {
  const { url } = await serving('children.mjs', ...args);
  const run = (path: string, script: string) =>
    get(`${url}${path}?run=${encodeURIComponent(script)}`);
  return {
    ofNode: (script: string) => run('/js/child', script),
    ofDotnet: (script: string) => run('/child', script),
    hello: () => get(`${url}/hello`),
  };
}

describe.each([
  ['the main thread', []],
  ['a worker alone', ['worker']],
])('with owin in %s', (_, args) => {
  test('children of Node have their exit codes before and after .NET has had one', async () => {
    const { ofNode, ofDotnet, hello } = await start(...args);
    expect(await ofNode('exit 3')).toBe('3');
    await hello();
    expect(await ofNode('exit 4')).toBe('4');
    expect(await ofDotnet('exit 5')).toBe('5');
    expect(await ofNode('exit 6')).toBe('6');
    expect(await ofNode('kill -TERM $$')).toBe('SIGTERM');
    expect(await ofNode('exit 0')).toBe('0');
  });

  test('.NET sees its children end also after the last one of Node’s', async () => {
    const { ofNode, ofDotnet } = await start(...args);
    for (let times = 0; times < 5; times++) {
      expect(await ofNode('exit 1')).toBe('1');
      expect(await ofDotnet('exit 2')).toBe('2');
      expect(await ofDotnet('exit 3')).toBe('3');
    }
  });

  test('.NET sees a child end that was running while Node’s last one ended', async () => {
    const { ofNode, ofDotnet } = await start(...args);
    await ofDotnet('true');
    for (let times = 0; times < 3; times++) {
      const long = ofDotnet('sleep 0.3; exit 7');
      expect(await ofNode('exit 1')).toBe('1');
      expect(await long).toBe('7');
    }
  });

  test('many at once, of both, all end with their own codes', async () => {
    const { ofNode, ofDotnet } = await start(...args);
    const codes = Array.from({ length: 20 }, (_, i) => String(i + 1));
    const both = codes.flatMap((code) => [ofNode(`exit ${code}`), ofDotnet(`exit ${code}`)]);
    expect(await Promise.all(both)).toEqual(codes.flatMap((code) => [code, code]));
  });
});
