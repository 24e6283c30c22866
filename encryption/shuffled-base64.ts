const standard = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/**
 * Base64 with another alphabet and without padding. Only whole groups of three bytes are written: one or two bytes
 * left over are dropped, as TikTok's own page does.
 *
 * @param alphabet 64 characters; the one at place i stands for the value i.
 */
export function shuffledBase64(bytes: Buffer, alphabet: string): string {
  const whole = bytes.subarray(0, bytes.length - (bytes.length % 3));
  return whole.toString('base64').replace(/./g, (character) => alphabet.charAt(standard.indexOf(character)));
}
