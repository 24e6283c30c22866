/** A fixed offset at which it is between noon and one o'clock: no midnight passes while a test runs. */
export function zoneAtNoon(now = new Date()): string {
  const hours = 12 - now.getUTCHours();
  return `${hours < 0 ? '-' : '+'}${String(Math.abs(hours)).padStart(2, '0')}:00`;
}
