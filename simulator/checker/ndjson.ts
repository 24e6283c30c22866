import { TidelineError } from '../../src/errors.ts';
import { isRecord } from '../files/json-facts.ts';

/**
 * Streams what the simulator tells as NDJSON, one object a line.
 *
 * @param what as in "when asked for the sales of shop 7"
 * @throws TidelineError when the simulator does not answer
 */
export async function* readNdjson(url: string, what: string): AsyncGenerator<Record<string, unknown>> {
  const response = await fetch(url);
  if (!response.ok || response.body === null) {
    throw new TidelineError({
      code: 'simulator-truth-unavailable',
      message: `The simulator answered ${response.status} when asked for ${what}.`,
      actor: 'user',
      action: 'Compare while the simulator that was read from is still running.',
    });
  }
  let rest = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield toObject(line);
  }
  if (rest !== '') yield toObject(rest);
}

function toObject(line: string): Record<string, unknown> {
  const value: unknown = JSON.parse(line);
  return isRecord(value) ? value : {};
}
