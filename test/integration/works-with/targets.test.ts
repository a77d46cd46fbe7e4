// One app built for .NET 8, 9 and 10, each on the newest runtime that is installed.
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { kestrel } from '../../support/kestrel.ts';
import { load } from '../../support/load.ts';
import { request } from '../../support/request.ts';
import { serve } from '../../support/serve.ts';

const dll = (target: string) =>
  path.join(import.meta.dirname, `../../apps/AspNetTargets/bin/${target}/AspNetTargets.dll`);

describe.each(['8.0', '9.0', '10.0'])('built for .NET %s', (version) => {
  const target = `.NETCoreApp,Version=v${version}`;

  test('serves, and says what it is', async () => {
    const handler = load(dll(`net${version}`), { log: () => {} });
    expect(await handler.ready).toMatchObject({
      assembly: 'AspNetTargets',
      targetFramework: target,
    });
    const { url } = await serve(handler);
    const { runtime } = JSON.parse((await request(url)).body);
    expect(runtime).toBeGreaterThanOrEqual(Number.parseInt(version, 10));
    const answer = await request(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ target, runtime }),
    });
    expect(JSON.parse(answer.body)).toEqual({ target, runtime: runtime + 1 });
  });

  test('answers as it does under Kestrel', async () => {
    const env = { DOTNET_ROLL_FORWARD: 'LatestMajor' };
    await using app = await kestrel(dll(`net${version}`), undefined, { env });
    const { url } = await serve(load(dll(`net${version}`), { log: () => {} }));
    expect((await request(url)).body).toBe((await request(app.urls[0] as string)).body);
  });
});
