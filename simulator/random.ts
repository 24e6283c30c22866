/**
 * A stateless random number: the same three numbers give the same result in every process and on every machine.
 * Rendering an order on demand needs this, since nothing of the order is kept. Returns an unsigned 32-bit integer.
 */
export function hash(seed: number, a: number, b: number): number {
  let h = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(a + 0x7f4a7c15, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d) + Math.imul(b + 0x165667b1, 0x27d4eb2f);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** {@link hash} as a number in [0, 1). */
export function fraction(seed: number, a: number, b: number): number {
  return hash(seed, a, b) / 4294967296;
}

/** A seeded sequence, for choices made one after the other (changes, traffic, fault scripts). */
export class RandomSequence {
  readonly #seed: number;
  #step = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** A number in [0, 1). */
  next(): number {
    this.#step += 1;
    return fraction(this.#seed, this.#step, 77);
  }

  /** An integer in [0, bound). */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }
}
