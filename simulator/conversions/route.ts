import type { Fault, RouteName } from '../control/faults.ts';
import type { Reply } from '../platform/reply.ts';
import type { PlatformRequest } from '../platform/request.ts';
import type { ConversionPlatforms } from './platforms.ts';

/** One call, as far as a route answers it. */
export interface ConversionCall {
  platforms: ConversionPlatforms;
  request: PlatformRequest;
  /** The parts of the path that its pattern captures. */
  parts: readonly string[];
  /** The fault that it meets, where that is for the route itself to play. */
  fault: Fault | null;
}

/** One call of a platform: where it is, whose it is, and what is answered on good days and on bad ones. */
export interface ConversionRoute {
  name: RouteName;
  method: 'GET' | 'POST';
  path: RegExp;
  /** The event source by which faults are narrowed, as far as it can be seen before the call is read. */
  source(request: PlatformRequest, parts: readonly string[]): string | null;
  answer(call: ConversionCall): Reply;
  /** The platform's own form of the error that a fault of kind `code`, `status` or `throttle` asks for. */
  failure(fault: Fault, nowMs: number): Reply;
}

/** Any JSON answer. */
export function jsonReply(httpStatus: number, value: unknown, rows = 0): Reply {
  return {
    httpStatus,
    code: 0,
    body: JSON.stringify(value),
    contentType: 'application/json; charset=utf-8',
    headers: {},
    rows,
    throttled: false,
  };
}

/** @returns the first of the known sources that the beginning of the body names */
export function bodySource(request: PlatformRequest, known: readonly string[]): string | null {
  const head = request.body.subarray(0, 300).toString('latin1');
  return known.find((source) => head.includes(source)) ?? null;
}
