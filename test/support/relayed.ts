// A gateway and a host on either side of a nats-server.
import type http from 'node:http';
import type { NatsConnection } from '@nats-io/transport-node';
import express from 'express';
import { relay, type Served, serve as serveNats } from 'owin/nats';
import { onTestFinished } from 'vitest';
import { kitchen, topic } from './kitchen.ts';
import { connection } from './nats.ts';
import { serve } from './serve.ts';

export interface Relayed {
  /** Of the gateway. */
  url: string;
  subject: string;
  host: NatsConnection;
  gateway: NatsConnection;
  served: Served;
}

/** A gateway in express, and a host with the kitchen. */
export async function relayedOver(
  servers: string,
  listener: http.RequestListener = kitchen,
): Promise<Relayed> {
  const subject = topic();
  const host = await connection(servers);
  const served = serveNats(listener, { connection: host, subject });
  onTestFinished(() => served.close({ drain: 0 }));
  await host.flush();
  return { ...(await gatewayOver(servers, subject)), subject, host, served };
}

/** A gateway in express to hosts that are elsewhere, or nowhere. */
export async function gatewayOver(
  servers: string,
  subject: string,
  { mount = '/', timeout = 5_000 }: { mount?: string | undefined; timeout?: number } = {},
): Promise<{ url: string; gateway: NatsConnection }> {
  const gateway = await connection(servers);
  const middleware = relay({ connection: gateway, subject, timeout });
  onTestFinished(() => middleware.close());
  const { url } = await serve(express().use(mount, middleware));
  return { url, gateway };
}
