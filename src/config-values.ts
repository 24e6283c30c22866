import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { isLoopbackHost } from './http/allowed-url.ts';

/**
 * The kinds of values that variables take. A fault is said without the value; the schema adds it where it is no
 * secret.
 */

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

function fail(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}

function parseUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}

/** A whole number within bounds. */
export function wholeNumber(least: number, most: number) {
  return z.string().transform((text, context) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    return fail(context, `must be a whole number from ${least} to ${most}`);
  });
}

/** A plain decimal number, more than `above` and at most `most`. */
export function positiveNumber(most: number) {
  return z.string().transform((text, context) => {
    const value = /^\d{1,12}(\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN;
    if (value > 0 && value <= most) return value;
    return fail(context, `must be a number above 0 and at most ${most}`);
  });
}

export const yesOrNo = z.string().transform((text, context) => {
  const word = text.toLowerCase();
  if (['true', '1', 'yes', 'on'].includes(word)) return true;
  if (['false', '0', 'no', 'off'].includes(word)) return false;
  return fail(context, 'must be true or false');
});

export function oneOf<const Words extends readonly string[]>(words: Words) {
  return z.string().transform((text, context): Words[number] => {
    const word = words.find((candidate) => candidate === text.toLowerCase());
    return word ?? fail(context, `must be one of ${words.join(', ')}`);
  });
}

/** A name or address to listen on, without scheme and port. */
export const listenHost = z.string().transform((text, context) => {
  const bare = text.replace(/^\[(.*)\]$/, '$1');
  const isAddress =
    /^[0-9a-f:.]+(%\w+)?$/i.test(bare) && bare.includes(':') && URL.canParse(`http://[${bare}]`);
  const isName = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(bare) && URL.canParse(`http://${bare}`);
  return isAddress || isName ? bare : fail(context, 'must be a host name or an IP address without a port');
});

/** A folder; `~/` is the home folder, relative ones start where the program was started. */
export const folder = z.string().transform((text, context) => {
  if (text.includes('\0')) return fail(context, 'must be the path of a folder');
  return resolve(text === '~' || text.startsWith('~/') ? join(homedir(), text.slice(1)) : text);
});

interface OriginRules {
  /** A path after the host. */
  prefix: boolean;
  /** Plain http on other hosts than this machine. */
  plainHttp: boolean;
}

/** An http(s) origin; trailing slashes are taken off. */
export function origin(rules: OriginRules) {
  return z.string().transform((text, context) => {
    const url = parseUrl(text);
    if (url === null || !['http:', 'https:'].includes(url.protocol)) {
      return fail(context, 'must be an address that begins with https:// (or http:// on this machine)');
    }
    if (url.username !== '' || url.password !== '')
      return fail(context, 'must not hold a user name or password');
    if (url.search !== '' || url.hash !== '' || text.endsWith('?') || text.endsWith('#')) {
      return fail(context, 'must not hold a query or a fragment');
    }
    if (!rules.plainHttp && url.protocol === 'http:' && !isLoopbackHost(url.hostname)) {
      return fail(context, 'must begin with https:// (http:// is only allowed for 127.0.0.1 and localhost)');
    }
    const path = url.pathname.replace(/\/+$/, '');
    if (!rules.prefix && path !== '') return fail(context, 'must end after the host and port');
    return `${url.origin}${path}`;
  });
}

/** A whole address with its path. */
export const callbackUrl = z.string().transform((text, context) => {
  const url = parseUrl(text);
  const secure = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopbackHost(url.hostname));
  if (url === null || !secure || url.hash !== '' || url.username !== '') {
    return fail(
      context,
      'must be a whole https address (http:// is only allowed for 127.0.0.1 and localhost)',
    );
  }
  return text;
});

export const postgresUrl = z.string().transform((text, context) => {
  if (!/^postgres(ql)?:\/\//.test(text)) return fail(context, 'must begin with postgres:// or postgresql://');
  // Several hosts, separated by commas, are allowed to the driver but not to `URL`.
  const oneHost = text.replace(/^(postgres(?:ql)?:\/\/(?:[^@/?#]*@)?[^,/?#]+),[^/?#]*/, '$1');
  if (!URL.canParse(oneHost)) {
    return fail(
      context,
      'is no address: special characters in the user name or password must be percent-encoded, the port a number',
    );
  }
  return text;
});

/** `id:base64key[,…]`: ids that differ, keys of 32 bytes. */
export const encryptionKeys = z.string().transform((text, context) => {
  const ids = new Set<string>();
  for (const [index, entry] of text.split(',').entries()) {
    const [, id, key] = /^\s*([A-Za-z0-9._-]+):([A-Za-z0-9+/_-]+={0,2})\s*$/.exec(entry) ?? [];
    if (id === undefined || key === undefined) {
      return fail(context, `must be id:base64key, separated by commas; entry ${index + 1} is not`);
    }
    if (Buffer.from(key, 'base64').length !== 32)
      return fail(context, `key ${index + 1} is not 32 bytes in base64`);
    if (ids.has(id)) return fail(context, `the id of key ${index + 1} is used twice`);
    ids.add(id);
  }
  return text;
});

/** Printable ASCII without spaces: what fits into a header. */
export const secretText = z.string().transform((text, context) => {
  return /^[!-~]+$/.test(text) ? text : fail(context, 'must be printable ASCII without spaces');
});
