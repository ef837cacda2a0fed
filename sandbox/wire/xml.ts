import { XmlCodec } from '@aws-sdk/core/protocols';
import type { NormalizedSchema } from './schema.ts';

export const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

const REFERENCES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\r': '&#x0D;',
};

const escape = (text: string): string => text.replace(/[&<>"'\r]/g, (character) => REFERENCES[character] ?? character);

/** One element with text, or with further elements. */
export const element = (name: string, content: string | readonly string[]): string =>
  `<${name}>${typeof content === 'string' ? escape(content) : content.join('')}</${name}>`;

export function xmlCodec(namespace: string, httpBindings: boolean): XmlCodec {
  const settings = {
    timestampFormat: { useTrait: true, default: 5 as const },
    httpBindings,
    xmlNamespace: namespace,
    serviceNamespace: namespace,
  };
  return new XmlCodec(settings);
}

export function writeXml(codec: XmlCodec, schema: NormalizedSchema, value: unknown): string {
  const serializer = codec.createSerializer();
  serializer.write(schema, value);
  return XML_DECLARATION + String(serializer.flush());
}
