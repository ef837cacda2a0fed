/** A seeded source of ids and choices (mulberry32): the same seed gives the same ids in the same order. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A stream of its own: what draws from it does not shift what others get, in whatever order they come. */
  fork(): Random {
    return new Random(this.below(2 ** 32));
  }

  /** At least 0, below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** An integer of 0 to `below` - 1. */
  below(below: number): number {
    return Math.floor(this.next() * below);
  }

  hex(length: number): string {
    let text = '';
    while (text.length < length) text += this.below(16).toString(16);
    return text;
  }

  /** A version 4 UUID. */
  uuid(): string {
    const variant = (8 + this.below(4)).toString(16);
    return `${this.hex(8)}-${this.hex(4)}-4${this.hex(3)}-${variant}${this.hex(3)}-${this.hex(12)}`;
  }

  /** Upper-case letters and digits, as in access key ids and generated resource names. */
  alphanumeric(length: number): string {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
    return Array.from({ length }, () => alphabet.charAt(this.below(alphabet.length))).join('');
  }
}
