// Bound once: a lookup of a global is slow where code runs in a context of its own, as it does under Jest.
const { floor, imul } = Math;

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
    let mixed = imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** An integer of 0 to `below` - 1. */
  below(below: number): number {
    return floor(this.next() * below);
  }

  hex(length: number): string {
    let text = '';
    while (text.length < length) text += this.#word();
    return text.slice(0, length);
  }

  /** A version 4 UUID. */
  uuid(): string {
    const digits = this.hex(32);
    const variant = '89ab'.charAt(this.below(4));
    return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-${variant}${digits.slice(17, 20)}-${digits.slice(20)}`;
  }

  /** Upper-case letters and digits, as in access key ids and generated resource names. */
  alphanumeric(length: number): string {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
    return Array.from({ length }, () => alphabet.charAt(this.below(alphabet.length))).join('');
  }

  /** Eight hexadecimal digits of one draw. */
  #word(): string {
    return this.below(2 ** 32)
      .toString(16)
      .padStart(8, '0');
  }
}
