import type * as nats from './nats/index.js' with { 'resolution-mode': 'import' };

export declare const relay: typeof nats.relay;
export declare const serve: typeof nats.serve;
export type NatsConnection = nats.NatsConnection;
export type NatsMessage = nats.NatsMessage;
export type Relay = nats.Relay;
export type RelayOptions = nats.RelayOptions;
export type Served = nats.Served;
export type ServeOptions = nats.ServeOptions;
