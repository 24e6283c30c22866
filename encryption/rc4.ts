/** RC4 as published in 1994, from its first byte on. It protects nothing today; request signatures still mix with it. */
export function rc4(key: Buffer, input: Buffer): Buffer {
  const state = Uint8Array.from({ length: 256 }, (_, index) => index);
  const at = (index: number): number => state[index & 255] ?? 0;
  const swap = (left: number, right: number): void => {
    const kept = at(left);
    state[left & 255] = at(right);
    state[right & 255] = kept;
  };
  for (let left = 0, right = 0; left < 256; left++) {
    right += at(left) + (key[left % key.length] ?? 0);
    swap(left, right);
  }
  let left = 0;
  let right = 0;
  const output = Buffer.from(input);
  for (const [index, byte] of input.entries()) {
    left += 1;
    right += at(left);
    swap(left, right);
    output[index] = byte ^ at(at(left) + at(right));
  }
  return output;
}
