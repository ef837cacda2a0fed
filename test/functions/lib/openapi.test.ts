import { describe, expect, it } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { openApiDocument } from '../../../functions/lib/openapi/document.ts';
import type { Authorization } from '../../../functions/lib/openapi/security.ts';
import type { Schema } from '../../../functions/lib/openapi/types.ts';
import { PROBLEM_TYPES } from '../../../functions/lib/problem-types.ts';
import { OWN_ROUTES, START_ROUTES, type StartRoute } from '../../../functions/lib/schemas/routes.ts';
import * as z from '../../../functions/lib/zod.ts';
import { responsesOf, schemaValidators } from './openapi-support.ts';

const AUTHORIZATIONS: readonly Authorization[] = [
  { type: 'iam' },
  { type: 'jwt' },
  { type: 'lambda', identityHeaders: ['authorization', 'X-Tenant'] },
];
const document = openApiDocument({ type: 'iam' });
const operations = Object.values(document.paths).flatMap((path) => Object.values(path));

it.each(AUTHORIZATIONS)('is valid OpenAPI 3.1 in the eyes of an independent validator: %j', async (authorization) => {
  const plain = JSON.parse(JSON.stringify(openApiDocument(authorization))) as Record<string, unknown>;
  const { valid, errors } = await new Validator().validate(plain);
  expect({ valid, errors }).toEqual({ valid: true });
  expect(plain).toMatchObject({ openapi: '3.1.1' });
});

it('has every route of the table, once, and no other', () => {
  const routes = Object.entries(document.paths).flatMap(([path, at]) =>
    Object.entries(at).map(([method, { operationId }]) => `${operationId}: ${method.toUpperCase()} ${path}`),
  );
  const table = [...START_ROUTES, ...OWN_ROUTES];
  expect(routes).toEqual(table.map(({ operationId, method, path }) => `${operationId}: ${method} ${path}`));
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(table.length);
});

it('describes a runbook that is new in the table without being told of it', () => {
  const route: StartRoute = {
    ...{
      method: 'POST',
      path: '/tea',
      runbook: 'make-tea',
      operationId: 'makeTea',
      summary: 'Makes tea',
      stops: 'safe-points',
    },
    request: z.strictObject({
      cupSize: z._default(z.int(), 2),
      leafNames: z.record(z.string(), z.strictObject({ fromWhere: z.string() })),
    }),
    result: z.strictObject({ brewedAt: z.string() }),
    example: { cup_size: 3, leaf_names: {} },
  };
  const { paths, components } = openApiDocument({ type: 'iam' }, [...START_ROUTES, route]);
  expect(paths['/tea']?.['post']).toMatchObject({
    operationId: 'makeTea',
    requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/MakeTeaRequest' } } } },
  });
  expect(components.schemas['MakeTeaRequest']).toEqual({
    type: 'object',
    properties: {
      cup_size: { type: 'integer', default: 2 },
      leaf_names: {
        type: 'object',
        additionalProperties: {
          type: 'object',
          properties: { from_where: { type: 'string' } },
          required: ['from_where'],
          additionalProperties: false,
        },
      },
    },
    required: ['leaf_names'],
    additionalProperties: false,
  });
  expect(components.schemas['MakeTeaResult']).toMatchObject({ required: ['brewed_at'] });
  expect(components.schemas['ExecutionDocument']?.properties?.['result']?.anyOf).toHaveLength(START_ROUTES.length + 1);
});

describe('its schemas', () => {
  const { schemas } = document.components;
  const properties = Object.entries(schemas).flatMap(([name, schema]) => propertiesWithin(schema, name));

  it('compile, every one, as JSON Schema 2020-12', () =>
    expect(Object.keys(schemaValidators(document))).toEqual(Object.keys(schemas)));

  it('have snake_case names only', () =>
    expect(properties.filter(([path]) => !/^\w+(\.[a-z][a-z0-9_]*|\[\])+$/.test(path))).toEqual([]));

  it('say of every field what it is', () =>
    expect(
      properties
        .filter(([, { description, $ref }]) => description === undefined && $ref === undefined)
        .map(([path]) => path),
    ).toEqual([]));

  it('say once what several of them share', () =>
    expect(schemas['ExecutionDocument']?.properties).toMatchObject({
      status: { $ref: '#/components/schemas/ExecutionStatus' },
      problem: { $ref: '#/components/schemas/Problem', description: 'Why it did not succeed.' },
    }));

  it('leave out keys that are always refused, and let answers gain members', () => {
    expect(schemas['RunCommandRequest']).toMatchObject({ additionalProperties: false });
    expect(schemas['RunCommandResult']).not.toHaveProperty('additionalProperties');
  });

  it('say in words what JSON Schema cannot', () => {
    const { commands } = schemas['RunCommandRequest']?.properties ?? {};
    expect(commands?.description).toMatch(/Must not be blank\. Must stay within 61440 bytes of JSON/);
    expect(commands?.items?.description).toMatch(/Must not hold \{\{…\}\}.*Must not hold a NUL.*Must be well-formed/);
  });
});

describe('its answers', () => {
  it('name every problem, under its status', () => {
    for (const [name, { status }] of Object.entries(PROBLEM_TYPES)) {
      const found = operations.filter(({ responses }) => problemNames(responses[status]?.content).includes(name));
      expect({ name, found: found.length > 0 }).toEqual({ name, found: true });
    }
  });

  it('name no problem under a status that is not its own', () => {
    for (const [status, { content }] of operations.flatMap(({ responses }) => Object.entries(responses)))
      for (const name of problemNames(content))
        expect(`${name} ${PROBLEM_TYPES[name]?.status}`).toBe(`${name} ${status}`);
  });

  it.each([
    ['iam', ['403']],
    ['jwt', ['401', '403']],
    ['lambda', ['401', '403']],
  ] as const)('hold what API Gateway answers itself: %s', (type, refusals) => {
    const authorization: Authorization = type === 'lambda' ? { type, identityHeaders: ['authorization'] } : { type };
    for (const [, responses] of responsesOf(openApiDocument(authorization))) {
      const own = Object.entries(responses).filter(([, { content }]) =>
        refersTo(content['application/json'], 'GatewayMessage'),
      );
      expect(own.map(([status]) => status).sort()).toEqual([...refusals, '413', '429', '500', '503']);
    }
  });

  it('say where an accepted execution is to be found', () =>
    expect(Object.keys(document.paths['/run-commands']?.['post']?.responses[202]?.headers ?? {})).toEqual([
      'Location',
      'Retry-After',
      'Preference-Applied',
    ]));

  it('say what a result in time is of, and for how long it was waited', () =>
    expect(Object.keys(document.paths['/run-commands']?.['post']?.responses[200]?.headers ?? {})).toEqual([
      'Content-Location',
      'Preference-Applied',
    ]));
});

it('asks for what the deployment asks for', () => {
  const [iam, jwt, lambda] = AUTHORIZATIONS.map((each) => openApiDocument(each)).map(({ security, components }) => ({
    security,
    schemes: components.securitySchemes,
  }));
  expect(iam).toMatchObject({
    security: [{ sigv4: [] }],
    schemes: { sigv4: { 'x-amazon-apigateway-authtype': 'awsSigv4' } },
  });
  expect(jwt).toMatchObject({ security: [{ jwt: [] }], schemes: { jwt: { type: 'http', scheme: 'bearer' } } });
  // Both headers, because the gateway refuses a request without one of them.
  expect(lambda?.security).toEqual([{ 'header-authorization': [], 'header-x-tenant': [] }]);
  expect(lambda?.schemes).toMatchObject({ 'header-x-tenant': { type: 'apiKey', in: 'header', name: 'X-Tenant' } });
});

/** Every property, at whatever depth, by its path. */
function propertiesWithin(
  { properties = {}, items, anyOf = [], additionalProperties }: Schema,
  path: string,
): [string, Schema][] {
  const inner = [
    ...(items === undefined ? [] : [items]),
    ...anyOf,
    ...(typeof additionalProperties === 'object' ? [additionalProperties as Schema] : []),
  ];
  return [
    ...Object.entries(properties).flatMap(([name, schema]): [string, Schema][] => [
      [`${path}.${name}`, schema],
      ...propertiesWithin(schema, `${path}.${name}`),
    ]),
    ...inner.flatMap((schema) => propertiesWithin(schema, `${path}[]`)),
  ];
}

const problemNames = (content: Readonly<Record<string, { readonly examples?: object }>> = {}): string[] =>
  Object.keys(content['application/problem+json']?.examples ?? {});

const refersTo = (media: { readonly schema: Schema } | undefined, name: string): boolean =>
  media?.schema.$ref === `#/components/schemas/${name}`;
