import { isGrpcServiceError, ServiceError } from '@temporalio/client';
import { HTTPException } from 'hono/http-exception';
import type { StatusCode } from 'hono/utils/http-status';
import type { Logger } from 'pino';
import { isPassingDatabaseTrouble } from '../db/passing-trouble.ts';
import { TidelineError } from '../errors.ts';
import type { ApiContext } from './context.ts';

/** One fault of a request: where it is, and what is wrong with it. */
export interface FieldFault {
  path: string;
  message: string;
}

/** A problem document, RFC 9457. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  errors: FieldFault[];
  request_id: string;
}

const titles: Record<number, string> = {
  400: 'Bad request',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'The present state does not allow this',
  410: 'No longer there',
  413: 'Body too large',
  415: 'Unsupported content type',
  421: 'Wrong host',
  422: 'Not processable',
  429: 'Too many requests',
  500: 'Internal error',
  502: 'TikTok did not answer well',
  503: 'Not available now',
};

/** A refusal that names fields or needs headers; other refusals are plain {@link TidelineError}s. */
export class RequestError extends TidelineError {
  readonly errors: FieldFault[];
  readonly headers: Record<string, string>;

  constructor(options: {
    status: number;
    code: string;
    message: string;
    action?: string;
    errors?: FieldFault[];
    headers?: Record<string, string>;
  }) {
    super({ actor: options.status === 503 ? 'retry' : 'user', ...options });
    this.name = 'RequestError';
    this.errors = options.errors ?? [];
    this.headers = options.headers ?? {};
  }
}

/** 400 with every fault found. */
export function badRequest(errors: FieldFault[]): RequestError {
  const [first] = errors;
  const message = first === undefined ? 'The request is malformed.' : `${first.path}: ${first.message}`;
  return new RequestError({ status: 400, code: 'bad-request', message, errors });
}

/** 405, with the methods that the path takes. */
export function methodNotAllowed(methods: readonly string[]): RequestError {
  const allowed = methods.join(', ');
  return new RequestError({
    status: 405,
    code: 'method-not-allowed',
    message: `This path takes ${allowed}.`,
    headers: { Allow: allowed },
  });
}

/** 404; the same for what does not exist and what the key may not see. */
export function notFound(what: string): RequestError {
  return new RequestError({ status: 404, code: 'not-found', message: `There is no such ${what}.` });
}

/** Answers a request with a problem document. */
export function problemResponse(
  context: ApiContext,
  fields: Pick<Problem, 'status' | 'detail'> & { code: string; errors?: FieldFault[] },
  headers: Record<string, string> = {},
): Response {
  const problem: Problem = {
    type: `urn:tideline:problem:${fields.code}`,
    title: titles[fields.status] ?? 'Error',
    status: fields.status,
    detail: fields.detail,
    errors: fields.errors ?? [],
    request_id: context.get('requestId'),
  };
  const all = fields.status === 503 || fields.status === 429 ? { 'Retry-After': '5', ...headers } : headers;
  return context.newResponse(JSON.stringify(problem), fields.status as StatusCode, {
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
    ...all,
  });
}

/** The one place where errors become answers. What is not a {@link TidelineError} is our defect: logged, told as 500. */
export function createErrorHandler(logger: Logger): (error: unknown, context: ApiContext) => Response {
  return (error, context) => {
    if (error instanceof TidelineError) {
      const where = { request_id: context.get('requestId'), code: error.code };
      if (error.actor === 'us') logger.error({ ...where, err: error }, error.message);
      // What somebody else has to mend is told in one line: our stack would not help them.
      else if (error.status >= 500) logger.warn({ ...where, action: error.action }, error.message);
      const detail = error.action === undefined ? error.message : `${error.message} ${error.action}`;
      const extra = error instanceof RequestError ? error : { errors: [], headers: {} };
      const fields = { status: error.status, code: error.code, detail, errors: extra.errors };
      return problemResponse(context, fields, extra.headers);
    }
    if (error instanceof HTTPException) {
      return problemResponse(context, {
        status: error.status,
        code: error.status === 413 ? 'body-too-large' : 'bad-request',
        detail: error.message === '' ? 'The request was refused.' : error.message,
      });
    }
    if (isTemporalFailure(error)) {
      logger.error({ request_id: context.get('requestId'), err: error }, 'Temporal does not answer.');
      const detail = 'Temporal does not answer.';
      return problemResponse(context, { status: 503, code: 'temporal-unavailable', detail });
    }
    const cause = error instanceof Error ? error : new Error('Something that is no Error was thrown.');
    if (isPassingDatabaseTrouble(cause)) {
      logger.error(
        { request_id: context.get('requestId'), err: cause },
        'The database cannot be used at the moment.',
      );
      const detail = 'The database cannot be used at the moment.';
      return problemResponse(context, { status: 503, code: 'database-unavailable', detail });
    }
    logger.error({ request_id: context.get('requestId'), err: cause }, 'A request failed by a defect.');
    const detail = 'Something went wrong in Tideline. The log tells more under this request id.';
    return problemResponse(context, { status: 500, code: 'internal', detail });
  };
}

/** The gRPC codes of a server that is away: deadline exceeded, unavailable. */
function isTemporalFailure(error: unknown): boolean {
  const inner = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(inner) && (inner.code === 4 || inner.code === 14);
}
