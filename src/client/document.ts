import path from 'node:path';
import { createHandler } from '../http/middleware.ts';

/**
 * Loads an app, and asks it for its OpenAPI document in memory.
 *
 * @param document where it serves it
 * @param env name of its environment
 * @returns the assembly's name, and the document's text
 * @throws (as a rejection) Error that says what came instead; what `owin()` rejects with
 */
export async function readDocument(
  source: string,
  document: string,
  env: string,
): Promise<{ name: string; text: string }> {
  // What the app logs meanwhile is of no interest; a failed start has it in its error.
  const handler = createHandler(source, { env, fallthrough: false, log: () => {} });
  try {
    const { location } = await handler.ready;
    const response = await handler.fetch(new URL(document, 'http://localhost'));
    const text = await response.text();
    if (!response.ok) throw new Error(notServed(location, document, env, response.status));
    if (!isOpenApi(text)) throw new Error(notOpenApi(document, response, text));
    return { name: path.parse(location).name, text };
  } finally {
    await handler.close();
  }
}

const notServed = (location: string, document: string, env: string, status: number): string =>
  `${location} answered ${status} to GET ${document} in the environment ${env}. An app serves its OpenAPI document with \`builder.Services.AddOpenApi()\` and \`app.MapOpenApi()\` of Microsoft.AspNetCore.OpenApi; where it serves it elsewhere, name the path with --document, and the environment with --env.`;

const notOpenApi = (document: string, { headers }: Response, text: string): string =>
  `What the app serves at ${document} is no OpenAPI document of version 3: ${headers.get('content-type') ?? 'no content type'}, ${JSON.stringify(text.slice(0, 60))}. Name another path with --document.`;

function isOpenApi(text: string): boolean {
  try {
    const { openapi } = JSON.parse(text) ?? {};
    return typeof openapi === 'string' && openapi.startsWith('3.');
  } catch {
    return false;
  }
}
