/**
 * Lets many who ask for the same thing again and again share one reading of it: within `freshMs` of a reading everyone
 * gets its result, those included who ask while it is under way. A failure is shared by these and then forgotten.
 */
export function shareReads<Asked extends readonly string[], Value>(
  read: (...asked: Asked) => Promise<Value>,
  { freshMs, now = Date.now }: { freshMs: number; now?: () => number },
): (...asked: Asked) => Promise<Value> {
  const readings = new Map<string, { at: number; value: Promise<Value> }>();
  return (...asked) => {
    const key = asked.join('\n');
    const known = readings.get(key);
    if (known !== undefined && now() - known.at < freshMs) return known.value;
    for (const [old, { at }] of readings) if (now() - at >= freshMs) readings.delete(old);
    const reading = { at: now(), value: read(...asked) };
    readings.set(key, reading);
    reading.value.catch(() => {
      if (readings.get(key) === reading) readings.delete(key);
    });
    return reading.value;
  };
}
