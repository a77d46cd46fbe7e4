// The active span of OpenTelemetry, where its API is loaded: without a dependency on it, through what the API itself
// keeps for all its copies in a process.
interface SpanContext {
  traceId: string;
  spanId: string;
  traceFlags: number;
  traceState?: { serialize(): string };
}

interface Api {
  context?: {
    active(): { getValue(key: symbol): { spanContext(): SpanContext } | undefined };
  };
}

const kApi = Symbol.for('opentelemetry.js.api.1');
const kSpan = Symbol.for('OpenTelemetry Context Key SPAN');

/** `traceparent` and `tracestate` (W3C Trace Context) of the active span; undefined: there is none. */
export function activeTrace(): [traceparent: string, tracestate: string] | undefined {
  const api = (globalThis as { [kApi]?: Api })[kApi];
  if (api === undefined) return undefined;
  const span = api.context?.active().getValue(kSpan)?.spanContext();
  if (!span || !/[^0]/.test(span.traceId)) return undefined;
  const flags = span.traceFlags.toString(16).padStart(2, '0');
  return [`00-${span.traceId}-${span.spanId}-${flags}`, span.traceState?.serialize() ?? ''];
}
