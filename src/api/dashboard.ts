import { existsSync, readdirSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { getMimeType } from 'hono/utils/mime';
import type { ApiContext } from './context.ts';

/** The built dashboard. */
export interface Dashboard {
  /** Whether there is something at this path to GET, whatever the request accepts. */
  has(path: string): boolean;
  /** Null for what is none of its files or pages. */
  serve(context: ApiContext): Promise<Response | null>;
}

const notBuilt = 'The dashboard has not been built. Run "npm run build" and start again.\n';

/** Only files found at start are ever opened, so no path of a request can lead out of the folder. */
export function createDashboard(directory: string): Dashboard {
  const files = new Map(
    listFiles(directory).map((file) => [`/${relative(directory, file).split(sep).join('/')}`, file]),
  );
  const fileAt = (path: string) => (path === '/index.html' ? undefined : files.get(path));

  async function serve(context: ApiContext): Promise<Response | null> {
    const { path, method } = context.req;
    if (method !== 'GET' && method !== 'HEAD') return null;
    const file = fileAt(path);
    if (file !== undefined) {
      const lasting = path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
      const type = getMimeType(path) ?? 'application/octet-stream';
      const bytes = new Uint8Array(await readFile(file));
      return context.body(bytes, 200, { 'Content-Type': type, 'Cache-Control': lasting });
    }
    if (!isPage(context)) return null;
    const index = files.get('/index.html');
    if (index === undefined) return path === '/' ? context.text(notBuilt, 200) : null;
    // Asset addresses are relative, and pages lie at different depths.
    const up = '../'.repeat(path.split('/').length - 2);
    const html = (await readFile(index, 'utf8')).replaceAll('"./', `"./${up}`);
    return context.html(html, 200, { 'Cache-Control': 'no-cache' });
  }

  return { has: (path) => path === '/' || fileAt(path) !== undefined, serve };
}

function isPage(context: ApiContext): boolean {
  const { path } = context.req;
  if (path === '/') return true;
  if (/^\/(api|health|webhooks|docs|assets)(\/|$)/.test(path)) return false;
  return (context.req.header('accept') ?? '').includes('text/html');
}

function listFiles(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((file) => statSync(file).isFile());
}
