// A route handler of Next.js: app/orders/route.js. `serverExternalPackages: ['owin']` in next.config.js keeps the
// bundler from it.
import path from 'node:path';
import owin from 'owin';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

// One for the process, also when a change loads this module anew. In an app: path.join(process.cwd(), …).
globalThis.shop ??= owin(path.join(import.meta.dirname, '../../../Shop.cs'));
const { fetch } = globalThis.shop;

export { fetch as DELETE, fetch as GET, fetch as PATCH, fetch as POST, fetch as PUT };
