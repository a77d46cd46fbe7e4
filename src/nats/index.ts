// `owin/nats`: handlers behind NATS, which only connect to it, and the gateways before them.
export { type Relay, type RelayOptions, relay } from './gateway.ts';
export { type Served, type ServeOptions, serve } from './host.ts';
export type { NatsConnection, NatsMessage } from './link.ts';
