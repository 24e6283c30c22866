const colours: Record<string, string> = { warn: '\u001b[33m', error: '\u001b[31m', fatal: '\u001b[31m' };
const dim = '\u001b[2m';
const reset = '\u001b[0m';

/** One JSON line of the log as a person reads it: time, level, program, message, the other fields. */
export function prettyLine(line: string, colour = process.env.NO_COLOR === undefined): string {
  let entry: Record<string, unknown>;
  try {
    entry = JSON.parse(line) as Record<string, unknown>;
  } catch {
    // Not ours; better shown as it is than lost.
    return line;
  }
  const { time, level, component, msg, pid: _pid, err, ...fields } = entry;
  const paint = (code: string | undefined, text: string): string =>
    colour && code !== undefined ? `${code}${text}${reset}` : text;
  const rest = Object.entries(fields).map(([key, value]) => `${key}=${shorten(value)}`);
  const head = [
    paint(dim, typeof time === 'string' ? time.slice(11, 19) : ''),
    paint(colours[String(level)], String(level).toUpperCase().padEnd(5)),
    paint(dim, String(component)),
    String(msg ?? ''),
    ...(rest.length === 0 ? [] : [paint(dim, rest.join(' '))]),
  ];
  return `${head.join(' ')}\n${describeError(err)}`;
}

function shorten(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

function describeError(err: unknown): string {
  if (typeof err !== 'object' || err === null) return '';
  const { stack, message } = err as { stack?: unknown; message?: unknown };
  const text = typeof stack === 'string' ? stack : String(message ?? '');
  return text === '' ? '' : `${text.replace(/^/gm, '    ')}\n`;
}
