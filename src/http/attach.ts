import type { Server } from 'node:http';
import { OwinError } from '../errors.ts';
import { checkOptions, describe } from '../hosting/options.ts';
import { holdContinue } from './continue.ts';
import { takeExtendedConnects } from './extended-connect.ts';
import { upgradeListener } from './upgrade.ts';

const attached = new WeakSet<object>();

/** Options of `owin.attach()`. */
export interface AttachOptions {
  /**
   * Requests with `Expect: 100-continue` get the 100 when their body is first read, and none where it is not. Default
   * false: Node sends it before anybody has seen the request.
   */
  continue?: boolean;
}

/**
 * Sends upgrade requests of a server (WebSocket and others) through its ordinary request listeners, so that express
 * with its middleware, authentication and mount paths comes first and a .NET app behind them can accept them. A request
 * that nobody accepts gets the ordinary answer, and its connection closes. Where the server has other listeners for
 * 'upgrade', such as `ws`, what no app accepts is left to them. On HTTP/2 the same holds for extended CONNECTs, where the
 * server has the setting `enableConnectProtocol`.
 *
 * @param server an http, https or http2 server; it is attached to once
 * @returns the server
 * @throws OwinError `ERR_OWIN_OPTION` for anything else, or an unknown option
 */
export function attach<S extends Pick<Server, 'on' | 'emit' | 'listeners'>>(
  server: S,
  options: AttachOptions = {},
): S {
  if (typeof server?.on !== 'function' || typeof server.listeners !== 'function')
    throw new OwinError(
      'ERR_OWIN_OPTION',
      `owin.attach() takes a server as its first argument, not ${describe(server)}.`,
    );
  checkOptions('owin.attach()', options, { continue: 'boolean' });
  if (options.continue) holdContinue(server);
  if (attached.has(server)) return server;
  attached.add(server);
  takeExtendedConnects(server);
  server.on(
    'upgrade',
    upgradeListener((req, res) => server.emit('request', req, res)),
  );
  return server;
}
