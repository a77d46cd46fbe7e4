import express from 'express';
import owin from 'owin';
import { Connection } from './connection.ts';
import { kitchen } from './kitchen.ts';
import { serve } from './serve.ts';

export { Client } from './web-socket.ts';

/** The head of a WebSocket handshake. */
export function handshake(target: string, ...more: string[]): string {
  return [
    `GET ${target} HTTP/1.1`,
    'Host: test',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...more,
    '',
    '',
  ].join('\r\n');
}

/** A server with the kitchen behind express, attached. */
export async function serveUpgrades(): Promise<{ port: number; ws: string }> {
  const { server, port } = await serve(express().use(kitchen));
  owin.attach(server);
  return { port, ws: `ws://127.0.0.1:${port}` };
}

/** A frame as a client sends it: masked, unless `mask` is false. */
export function frame(
  opcode: number,
  payload: string | Buffer = '',
  { fin = true, mask = true, length }: { fin?: boolean; mask?: boolean; length?: bigint } = {},
): Buffer {
  const bytes = Buffer.from(payload);
  const long = length !== undefined || bytes.length > 125;
  const head = Buffer.alloc(long ? 10 : 2);
  head[0] = (fin ? 0x80 : 0) | opcode;
  head[1] = (mask ? 0x80 : 0) | (long ? 127 : bytes.length);
  if (long) head.writeBigUInt64BE(length ?? BigInt(bytes.length), 2);
  if (!mask) return Buffer.concat([head, bytes]);
  const key = Buffer.from([1, 2, 3, 4]);
  return Buffer.concat([head, key, bytes.map((byte, i) => byte ^ (key[i % 4] as number))]);
}

/** A WebSocket over a bare socket, past its handshake. */
export async function openRaw(port: number, target: string, early = ''): Promise<Connection> {
  const client = await Connection.open(port);
  client.send(Buffer.concat([Buffer.from(handshake(target)), Buffer.from(early, 'latin1')]));
  const { status } = await client.response();
  if (status !== 101) throw new Error(`The handshake was answered ${status}.`);
  return client;
}
