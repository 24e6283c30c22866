/** What of a request tells who is behind it: of `node:http`, Express and the like, or of the fetch standard. */
export interface IncomingRequest {
  headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>;
  socket?: { remoteAddress?: string | undefined };
}

export interface VisitorOptions {
  /** Name of the cookie that keeps TikTok's click id. */
  ttclidCookie?: string;
  /**
   * Header in which your proxy writes the visitor's address, such as `cf-connecting-ip` or `x-forwarded-for` (of which
   * the first is taken). Without it the address is the other end of the connection: never trust a header that visitors
   * can write themselves.
   */
  ipHeader?: string;
  /** Fields of a submitted form, with those that the snippet has filled in. */
  fields?: Readonly<Record<string, unknown>>;
}

/** Parts of an event that come from the visitor's request. */
export interface Visitor {
  /** The id that the page gave to the same event of its pixel. */
  event_id?: string;
  user: Record<string, string>;
  page: { url?: string; referrer?: string };
}

const prefix = 'tideline_';
const userFields = ['ttclid', 'ttp', 'fbc', 'fbp', 'gclid', 'gbraid', 'wbraid'];

/** Reads cookies, headers and the snippet's form fields; a field wins over a cookie, for it is of this very page. */
export function readVisitor(request: IncomingRequest, options: VisitorOptions = {}): Visitor {
  const header = headerReader(request);
  const cookies = readCookies(header('cookie') ?? '');
  const clicks = new URLSearchParams(cookies.get('tideline_clicks') ?? '');
  const stored: Record<string, string | null | undefined> = {
    ttclid: cookies.get(options.ttclidCookie ?? 'ttclid'),
    ttp: cookies.get('_ttp'),
    fbc: cookies.get('_fbc'),
    fbp: cookies.get('_fbp'),
    gclid: clicks.get('gclid'),
    gbraid: clicks.get('gbraid'),
    wbraid: clicks.get('wbraid'),
  };
  const field = (name: string): string | undefined => textOf(options.fields?.[prefix + name]);
  const forwarded =
    options.ipHeader === undefined ? undefined : header(options.ipHeader)?.split(',')[0]?.trim();
  const eventId = field('event_id');
  return {
    ...(eventId === undefined ? {} : { event_id: eventId }),
    user: known({
      ...Object.fromEntries(userFields.map((name) => [name, field(name) ?? textOf(stored[name])])),
      ip: plainAddress(options.ipHeader === undefined ? request.socket?.remoteAddress : forwarded),
      user_agent: header('user-agent'),
    }),
    page: known({ url: field('page_url') ?? header('referer'), referrer: field('page_referrer') }),
  };
}

function headerReader({ headers }: IncomingRequest): (name: string) => string | undefined {
  if (headers instanceof Headers) return (name) => headers.get(name) ?? undefined;
  return (name) => {
    const value = headers[name.toLowerCase()];
    return typeof value === 'string' ? value : value?.join(name === 'cookie' ? '; ' : ', ');
  };
}

function readCookies(header: string): Map<string, string> {
  const cookies = new Map<string, string>();
  for (const part of header.split(';')) {
    const [name = '', ...value] = part.trim().split('=');
    if (name !== '' && !cookies.has(name)) cookies.set(name, decode(value.join('=')));
  }
  return cookies;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

/** An IPv4 address that a server sees as IPv6. */
function plainAddress(address: string | undefined): string | undefined {
  return address?.replace(/^::ffff:(?=\d+\.)/, '');
}

function known(fields: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).filter((field): field is [string, string] => textOf(field[1]) !== undefined),
  );
}
