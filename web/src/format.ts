const numbers = new Intl.NumberFormat();
const moments = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

export function count(value: number): string {
  return numbers.format(value);
}

export function moment(time: string | null): string {
  return time === null ? 'never' : moments.format(new Date(time));
}

/** `3 min 20 s`, in the two largest units. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** `UTC−08:00` for a fixed offset; names stay as they are. */
export function nameOfZone(zone: string): string {
  return /^[+-]/.test(zone) ? `UTC${zone.replace('-', '−')}` : zone;
}

const words: Record<string, string> = {
  completed_with_differences: 'completed, with differences',
  idle: 'up to date',
};

export function word(status: string): string {
  return words[status] ?? status;
}
