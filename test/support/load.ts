import owin, { type AppOptions, type Handler } from 'owin';
import { onTestFinished } from 'vitest';

/** A handler that is closed when the test ends. */
export function load(source: string, options?: AppOptions): Handler {
  const handler = owin(source, options);
  onTestFinished(() => handler.close({ drain: 0 }));
  return handler;
}
