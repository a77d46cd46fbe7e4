/** The text of a module that makes a client of an app. */
export const clientModule = (name: string): string => `// Written by \`owin client\`. Do not edit.
import createOpenapiClient from 'openapi-fetch';

/** A client of ${name}, whose requests the handler answers in memory. */
export function createClient(handler, options) {
  const fetch = (request) => handler.fetch(request);
  return createOpenapiClient({ baseUrl: 'http://localhost', fetch, ...options });
}
`;

/** The text of its types. */
export const clientTypes = (name: string): string => `// Written by \`owin client\`. Do not edit.
import type { Client, ClientOptions } from 'openapi-fetch';
import type { Handler } from 'owin';
import type { paths } from './${name}.openapi.mjs';

/**
 * A client of ${name}, whose requests the handler answers in memory.
 *
 * @param options of openapi-fetch; with its \`baseUrl\` and \`fetch\` the same client asks a server
 */
export declare function createClient(
  handler: Pick<Handler, 'fetch'>,
  options?: ClientOptions,
): Client<paths>;
`;
