import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { MediaType, OpenApiDocument, Response, Schema } from '../../../functions/lib/openapi/types.ts';

const ID = 'api';

/** Follows references into the document, and compiles no schema that is not JSON Schema 2020-12. */
function ajvOf({ components }: OpenApiDocument): Ajv2020 {
  const ajv = new Ajv2020({ allErrors: true, strictTypes: false });
  addFormats.default(ajv);
  ajv.addKeyword('components');
  ajv.addSchema({ $id: ID, components });
  return ajv;
}

const within = (schema: Schema): object =>
  JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/', `"$ref":"${ID}#/`)) as object;

/** A validator of each component schema, by its name. */
export function schemaValidators(document: OpenApiDocument): Record<string, ValidateFunction> {
  const ajv = ajvOf(document);
  const { schemas } = document.components;
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, ajv.compile(within(schema))]));
}

/** What is wrong with every example of the document, by where it stands; nothing for an example that is right. */
export function flawsOfExamples(document: OpenApiDocument): readonly (readonly [string, unknown])[] {
  const ajv = ajvOf(document);
  const { examples } = document.components;
  const flaws = (where: string, schema: Schema, value: unknown) => {
    const validate = ajv.compile(within(schema));
    return [where, validate(value) ? undefined : validate.errors] as const;
  };
  const ofBody = (where: string, content: Readonly<Record<string, MediaType>>) =>
    Object.values(content).flatMap(({ schema, examples: given = {} }) =>
      Object.entries(given).map(([name, example]) =>
        flaws(`${where} ${name}`, schema, 'value' in example ? example.value : examples[name]?.value),
      ),
    );
  return operationsOf(document).flatMap(({ operationId, parameters = [], requestBody, responses }) => [
    ...parameters.flatMap(({ name, schema, example }) =>
      example === undefined ? [] : [flaws(`${operationId} ${name}`, schema, example)],
    ),
    ...(requestBody === undefined ? [] : ofBody(operationId, requestBody.content)),
    ...Object.entries(responses).flatMap(([status, { content }]) => ofBody(`${operationId} ${status}`, content)),
  ]);
}

/** The answers of every operation, by its id. */
export const responsesOf = (document: OpenApiDocument): [string, Readonly<Record<string, Response>>][] =>
  operationsOf(document).map(({ operationId, responses }) => [operationId, responses]);

const operationsOf = ({ paths }: OpenApiDocument) => Object.values(paths).flatMap((at) => Object.values(at));
