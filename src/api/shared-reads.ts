/**
 * Lets many who ask for the same thing again and again share one reading of it: within `freshMs` of a reading everyone
 * gets its result, those included who ask while it is under way. A failure is shared by these and then forgotten.
 */
export function shareReads<Value>(
  read: (key: string) => Promise<Value>,
  { freshMs, now = Date.now }: { freshMs: number; now?: () => number },
): (key: string) => Promise<Value> {
  const readings = new Map<string, { at: number; value: Promise<Value> }>();
  return (key) => {
    const known = readings.get(key);
    if (known !== undefined && now() - known.at < freshMs) return known.value;
    for (const [old, { at }] of readings) if (now() - at >= freshMs) readings.delete(old);
    const reading = { at: now(), value: read(key) };
    readings.set(key, reading);
    reading.value.catch(() => {
      if (readings.get(key) === reading) readings.delete(key);
    });
    return reading.value;
  };
}
