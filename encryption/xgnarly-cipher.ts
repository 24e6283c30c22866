/** Words of the cipher's state and of one block of its key stream. */
const blockWords = 16;
const firstWords = [1196819126, 600974999, 3863347763, 1451689750];
const counter = 12;

type Quarter = readonly [number, number, number, number];
const columns: readonly Quarter[] = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
];
/** The last two are not those of ChaCha: they are what TikTok's page computes. */
const diagonals: readonly Quarter[] = [
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 12, 13],
  [3, 4, 13, 14],
];

/** A relative of ChaCha with its own first words, its own diagonals and a number of single rounds that the key names. */
export function xGnarlyCipher(keyWords: readonly number[], plain: Buffer): Buffer {
  const rounds = 5 + (keyWords.reduce((sum, word) => sum + (word & 15), 0) & 15);
  const state = Uint32Array.from([...firstWords, ...keyWords]);
  const output = Buffer.from(plain);
  for (let start = 0; start < output.length; start += blockWords * 4) {
    const stream = littleEndian(keyStreamBlock(state, rounds));
    for (let index = start; index < Math.min(start + stream.length, output.length); index++) {
      output[index] = (output[index] ?? 0) ^ (stream[index - start] ?? 0);
    }
    state[counter] = (state[counter] ?? 0) + 1;
  }
  return output;
}

/** One block: the rounds over a copy of the state, to which the state itself is added word by word. */
export function keyStreamBlock(state: Uint32Array, rounds: number): Uint32Array {
  const block = Uint32Array.from(state);
  for (let round = 0; round < rounds; round++) {
    for (const quarter of round % 2 === 0 ? columns : diagonals) mixQuarter(block, quarter);
  }
  return block.map((word, index) => word + (state[index] ?? 0));
}

/** Words as bytes, the lowest byte of each first. */
export function littleEndian(words: Uint32Array): Buffer {
  const bytes = Buffer.alloc(words.length * 4);
  for (const [index, word] of words.entries()) bytes.writeUInt32LE(word, index * 4);
  return bytes;
}

function mixQuarter(words: Uint32Array, [a, b, c, d]: Quarter): void {
  const mix = (sum: number, added: number, turned: number, bits: number): void => {
    words[sum] = (words[sum] ?? 0) + (words[added] ?? 0);
    const mixed = (words[turned] ?? 0) ^ (words[sum] ?? 0);
    words[turned] = (mixed << bits) | (mixed >>> (32 - bits));
  };
  mix(a, b, d, 16);
  mix(c, d, b, 12);
  mix(a, b, d, 8);
  mix(c, d, b, 7);
}
