import { createRequire } from 'node:module';
import path from 'node:path';

/** As much of openapi-typescript 7 as is used. */
interface OpenapiTypescript {
  default(document: string): Promise<unknown>;
  astToString(ast: unknown): string;
}

const needed = ['openapi-typescript', 'openapi-fetch', 'typescript'];

/**
 * The generator of types, which is the project's own: looked for from `folder`, then from the current directory.
 *
 * @returns writes the types of an OpenAPI document
 * @throws Error that says how to install what is missing
 */
export function findGenerator(folder: string): (document: string) => Promise<string> {
  const places = [folder, process.cwd()];
  const require = places.map(requireFrom).find((each) => needed.every((name) => has(each, name)));
  if (!require) {
    const missing = needed.filter((name) => !places.some((place) => has(requireFrom(place), name)));
    throw new Error(
      `The types are written by openapi-typescript, and openapi-fetch makes the requests. ${missing.join(', ') || 'One of them'} is not installed where ${places.join(' and ')} would find it. Install them: npm install -D openapi-typescript@7 typescript@5 && npm install openapi-fetch`,
    );
  }
  return async (document) => {
    const { default: read, astToString } = require('openapi-typescript') as OpenapiTypescript;
    const types = astToString(await read(document));
    return `// Types of an OpenAPI document, written by \`owin client\`. Do not edit.\n${types}`;
  };
}

const requireFrom = (folder: string): NodeJS.Require =>
  createRequire(path.join(folder, 'index.js'));

function has(require: NodeJS.Require, name: string): boolean {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}
