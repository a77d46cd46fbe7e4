// One app built for .NET 8, 9 and 10, each on the newest runtime that is installed.
import path from 'node:path';
import { expect, test } from 'vitest';
import { kestrel } from '../../support/kestrel.ts';
import { load } from '../../support/load.ts';
import { request } from '../../support/request.ts';
import { serve } from '../../support/serve.ts';

const dll = (target: string) =>
  path.join(import.meta.dirname, `../../apps/AspNetTargets/bin/${target}/AspNetTargets.dll`);

test.each(['8.0', '9.0', '10.0'])(
  'built for .NET %s it answers as under Kestrel',
  async (version) => {
    const env = { DOTNET_ROLL_FORWARD: 'LatestMajor' };
    await using other = await kestrel(dll(`net${version}`), undefined, { env });
    const handler = load(dll(`net${version}`), { log: () => {} });
    const target = `.NETCoreApp,Version=v${version}`;
    expect(await handler.ready).toMatchObject({
      assembly: 'AspNetTargets',
      targetFramework: target,
    });
    const { url } = await serve(handler);
    const { body } = await request(url);
    const { runtime } = JSON.parse(body);
    expect(body).toBe(JSON.stringify({ target, runtime }));
    const json = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body };
    for (const base of [url, other.urls[0] as string]) {
      expect((await request(base)).body).toBe(body);
      expect(JSON.parse((await request(base, json)).body)).toEqual({
        target,
        runtime: runtime + 1,
      });
    }
  },
);
