import type { Context } from 'hono';
import type { Principal } from './principal.ts';

/** What the middleware leaves for the routes. */
export interface ApiEnvironment {
  Variables: {
    requestId: string;
    /** Set by routes that ask for a scope. */
    principal?: Principal;
  };
}

export type ApiContext = Context<ApiEnvironment>;
