// A handler that changes between two versions of an assembly when it is told to.
import http from 'node:http';
import { setTimeout } from 'node:timers/promises';
import owin from 'owin';
import { serve } from './control.mjs';

// Without a pause many versions wait to be unloaded at once, and memory shows how many.
const PACE_MS = 20;

const version = (text) => `
public class Startup
{
    static int Versions() => System.Runtime.Loader.AssemblyLoadContext.All.Count(each => each.IsCollectible);

    public async Task Invoke(IDictionary<string, object> env)
    {
        if ((string)env["owin.RequestPath"] == "/collect")
        {
            for (int i = 0; i < 100 && Versions() > 1; i++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                await Task.Delay(10);
            }
            // Gives back what the heap does not need.
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
        using var writer = new StreamWriter((Stream)env["owin.ResponseBody"]);
        await writer.WriteAsync("${text}");
    }
}`;

async function build(text) {
  const handler = owin({ source: version(text) });
  const { location } = await handler.ready;
  await handler.close();
  return location;
}

const assemblies = [await build('one'), await build('two')];
const handler = owin(assemblies[0], { unloadable: true });
await handler.ready;
const server = http.createServer(handler);
let reloads = 0;
serve(server, {
  /** Milliseconds that each of so many reloads took, its first answer included. */
  async reload(count) {
    const times = [];
    for (let i = 0; i < Number(count); i++) {
      const begin = performance.now();
      await handler.swap(assemblies[++reloads % 2]);
      await (await fetch(`http://127.0.0.1:${server.address().port}/`)).text();
      times.push(performance.now() - begin);
      await setTimeout(PACE_MS);
    }
    return times;
  },
});
