import type { RequestListener } from 'node:http';
import connect from 'connect';
import express from 'express';
import express4 from 'express4';
import type { Handler } from 'owin';

type Frontend = (handler: Handler, mount?: string) => RequestListener;

/** What a handler is used in. Each takes a handler and where to mount it. */
export const mounting: Record<string, Frontend> = {
  'express 5': (handler, mount = '/') => express().use(mount, handler),
  'express 4': (handler, mount = '/') => express4().use(mount, handler),
  connect: (handler, mount = '/') => connect().use(mount, handler),
};

/** The same, and a server without any of them, which cannot mount. */
export const frontends: Record<string, Frontend> = {
  ...mounting,
  'node:http': (handler) => handler,
};
