import { createHash } from 'node:crypto';
import type { MessageAttributeValue } from '@aws-sdk/client-sqs';

export type MessageAttributes = Readonly<Record<string, MessageAttributeValue>>;

export const md5 = (text: string | Buffer): string => createHash('md5').update(text).digest('hex');

function lengthFirst(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** As "Calculating the MD5 message digest for message attributes" in the SQS Developer Guide says. */
export function md5OfAttributes(attributes: MessageAttributes): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const parts = names.flatMap((name) => {
    const { DataType = '', StringValue, BinaryValue } = attributes[name] ?? { DataType: undefined };
    const binary = DataType.startsWith('Binary');
    const value = binary ? (BinaryValue ?? new Uint8Array()) : Buffer.from(StringValue ?? '');
    return [
      lengthFirst(Buffer.from(name)),
      lengthFirst(Buffer.from(DataType)),
      Buffer.of(binary ? 2 : 1),
      lengthFirst(value),
    ];
  });
  return md5(Buffer.concat(parts));
}

/** The attributes that a receiver asked for: by name, by `prefix.*`, or all of them. */
export function selected(attributes: MessageAttributes, names: readonly string[]): MessageAttributes {
  const wanted = (name: string): boolean =>
    names.some(
      (asked) =>
        asked === 'All' ||
        asked === '.*' ||
        asked === name ||
        (asked.endsWith('.*') && name.startsWith(asked.slice(0, -2))),
    );
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => wanted(name)));
}

/** Bytes that attributes add to the size of a message. */
export function sizeOfAttributes(attributes: MessageAttributes): number {
  return Object.entries(attributes).reduce(
    (size, [name, { DataType = '', StringValue = '', BinaryValue }]) =>
      size +
      Buffer.byteLength(name) +
      Buffer.byteLength(DataType) +
      (BinaryValue?.length ?? Buffer.byteLength(StringValue)),
    0,
  );
}
