import { command } from './commands.ts';

/** What one instrument of .NET's System.Diagnostics.Metrics has measured under one set of tags. */
export interface Metric {
  /** Name of its meter: `Microsoft.AspNetCore.Hosting`, `System.Runtime`, or an app's own. */
  meter: string;
  /** Name of the instrument: `http.server.request.duration`. */
  name: string;
  /** Its unit: `s`, `By`, `{request}`; empty where it has none. */
  unit: string;
  /** What `value` is: the sum of what was added, the last value, or the sum of the values of a distribution. */
  kind: 'counter' | 'gauge' | 'histogram';
  /** In the instrument's unit. */
  value: number;
  /** Measurements since the first `stats()` that asked for metrics. */
  count: number;
  /** The least value, of a histogram. */
  min?: number;
  /** The largest value, of a histogram. */
  max?: number;
  /** What it was measured with: `{ 'http.request.method': 'GET' }`. */
  tags: Record<string, string>;
}

const FIXED_FIELDS = 10;

/**
 * What has been measured since the first call; that one finds what can be read at any time.
 *
 * @param meters the meters that are wanted; empty: all
 */
export async function readMetrics(meters: readonly string[]): Promise<Metric[]> {
  const fields = await command('metrics', ...meters);
  const metrics: Metric[] = [];
  for (let at = 0; at + FIXED_FIELDS <= fields.length; ) {
    const end = at + FIXED_FIELDS + Number(fields[at + FIXED_FIELDS - 1]);
    metrics.push(readMetric(fields.slice(at, end)));
    at = end;
  }
  return metrics;
}

function readMetric([meter, name, unit, kind, ...rest]: string[]): Metric {
  const [count, sum, last, min, max] = rest.map(Number) as [number, number, number, number, number];
  const metric: Metric = {
    meter: meter as string,
    name: name as string,
    unit: unit as string,
    kind: kind === 'total' ? 'counter' : (kind as Metric['kind']),
    value: kind === 'total' || kind === 'gauge' ? last : sum,
    count,
    tags: {},
  };
  if (kind === 'histogram') Object.assign(metric, { min, max });
  for (let i = 6; i + 1 < rest.length; i += 2)
    metric.tags[rest[i] as string] = rest[i + 1] as string;
  return metric;
}
