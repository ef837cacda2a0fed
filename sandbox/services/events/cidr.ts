import { isIPv4, isIPv6 } from 'node:net';

/** A block of IP addresses: the bits that all of them share. */
export interface Cidr {
  readonly version: 4 | 6;
  readonly bits: string;
}

const binary = (value: number, width: number): string => value.toString(2).padStart(width, '0');

/** The bits of an address, undefined for what is none. */
function bitsOf(address: string): { version: 4 | 6; bits: string } | undefined {
  if (isIPv4(address))
    return {
      version: 4,
      bits: address
        .split('.')
        .map((part) => binary(Number(part), 8))
        .join(''),
    };
  if (!isIPv6(address) || address.includes('%') || address.includes('.')) return undefined;
  const [head = '', tail] = address.split('::');
  const groups = (half: string | undefined): string[] => (half === undefined || half === '' ? [] : half.split(':'));
  const [front, back] = [groups(head), groups(tail)];
  const filled = [...front, ...Array<string>(8 - front.length - back.length).fill('0'), ...back];
  return { version: 6, bits: filled.map((group) => binary(Number.parseInt(group, 16), 16)).join('') };
}

/** Reads `10.0.0.0/24` or `2001:db8::/32`; `refuse` throws with the reason. */
export function parseCidr(text: string, refuse: (reason: string) => never): Cidr {
  const [address, mask, ...more] = text.split('/');
  if (mask === undefined || more.length > 0) return refuse("Malformed CIDR, one '/' required");
  if (!/^\d+$/u.test(mask)) return refuse('Malformed CIDR, mask bits must be an integer');
  const block = bitsOf(address ?? '');
  if (block === undefined) return refuse(`Nonstandard IP address: ${address ?? ''}`);
  if (Number(mask) > block.bits.length) {
    return refuse(`IPv${block.version} mask bits must be at most ${block.bits.length}`);
  }
  return { version: block.version, bits: block.bits.slice(0, Number(mask)) };
}

export function inCidr(address: string, { version, bits }: Cidr): boolean {
  const found = bitsOf(address);
  return found?.version === version && found.bits.startsWith(bits);
}
