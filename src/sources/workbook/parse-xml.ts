import { SaxesParser } from 'saxes';
import { unreadable } from './workbook-error.ts';

export interface XmlHandlers {
  /** `name` is without its prefix, attributes with theirs. */
  open?(name: string, attributes: Record<string, string>): void;
  close?(name: string): void;
  text?(text: string): void;
}

/** Workbooks nest less than ten elements. */
const deepest = 50;

/**
 * Reads XML while it comes in. Document types are refused, and with them every entity but the five of XML itself.
 *
 * @throws WorkbookError when it is malformed.
 */
export async function parseXml(chunks: AsyncIterable<string>, handlers: XmlHandlers): Promise<void> {
  const parser = startXml(handlers);
  for await (const chunk of chunks) parser.write(chunk);
  parser.end();
}

/** As {@link parseXml}, fed by the caller. */
export function startXml(handlers: XmlHandlers): { write(text: string): void; end(): void } {
  const parser = new SaxesParser({ xmlns: false, position: false });
  let depth = 0;
  parser.on('doctype', () => {
    throw unreadable('declares a document type, which no workbook does.');
  });
  parser.on('error', (error) => {
    throw unreadable('holds malformed XML.', error);
  });
  parser.on('opentag', ({ name, attributes }) => {
    depth += 1;
    if (depth > deepest) throw unreadable('holds XML that is nested too deep.');
    handlers.open?.(withoutPrefix(name), attributes);
  });
  parser.on('closetag', ({ name }) => {
    depth -= 1;
    handlers.close?.(withoutPrefix(name));
  });
  parser.on('text', (text) => handlers.text?.(text));
  return {
    write(text) {
      parser.write(text);
    },
    end() {
      parser.close();
    },
  };
}

function withoutPrefix(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
