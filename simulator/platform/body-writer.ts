/**
 * Collects the pieces of a big answer as bytes. Writing each order's text by itself is half again as fast as joining a
 * page of 400 KB into one string first and encoding that.
 */
export class BodyWriter {
  #bytes = Buffer.allocUnsafeSlow(1 << 20);
  #length = 0;

  write(text: string): void {
    // A UTF-16 unit takes at most three bytes.
    const room = this.#length + text.length * 3;
    if (room > this.#bytes.length) {
      const wider = Buffer.allocUnsafeSlow(room * 2);
      this.#bytes.copy(wider, 0, 0, this.#length);
      this.#bytes = wider;
    }
    this.#length += this.#bytes.write(text, this.#length, 'utf8');
  }

  /** The bytes so far, as a copy; the writer is empty again. */
  take(): Buffer {
    const taken = Buffer.from(this.#bytes.subarray(0, this.#length));
    this.#length = 0;
    return taken;
  }
}
