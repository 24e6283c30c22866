import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { Principal } from './principal.ts';

/** What the server gives with a request, and what the middleware leaves for the routes. */
export interface ApiEnvironment {
  /** Empty where no server is, as in tests. */
  Bindings: Partial<HttpBindings>;
  Variables: {
    requestId: string;
    /** Set by routes that ask for a scope. */
    principal?: Principal;
    /** The key or session token that the principal has shown. */
    credential?: string;
  };
}

export type ApiContext = Context<ApiEnvironment>;
