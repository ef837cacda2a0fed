import { OWN_ROUTES, START_ROUTES } from '../schemas/routes.ts';
import { ownOperation } from './own-operations.ts';
import { problemExamples } from './responses.ts';
import { componentSchemas } from './schemas.ts';
import { type Authorization, securitySchemes } from './security.ts';
import { startOperation } from './start-operation.ts';
import type { OpenApiDocument, Server } from './types.ts';

/** That of package.json, which a bundle does not have; a test holds them to each other. */
const VERSION = '0.1.0';

/** Where the API is, for readers who did not get the document from it. */
const ANYWHERE: Server = {
  url: 'https://{apiId}.execute-api.{region}.amazonaws.com',
  variables: {
    apiId: { default: 'a1b2c3d4e5', description: 'The output ApiId of the stack.' },
    region: { default: 'eu-central-1', description: 'The region of the stack.' },
  },
};

const ABOUT = `Starts runbooks on a fleet of EC2 machines and tells their results.

A request to start answers 202 at once, with the address of the execution in Location; with \`Prefer: wait=N\` it waits for the result.
Names are snake_case; requests may have them in camelCase, too. Errors of ours are problem documents of RFC 9457,
errors of API Gateway are \`{"message": …}\`. Answers may gain members: ignore what you do not know.`;

/** The OpenAPI 3.1 document of the API: the routes of schemas/routes.ts, the schemas that validate, the problems of problem-types.ts. */
export function openApiDocument(authorization: Authorization, startRoutes = START_ROUTES): OpenApiDocument {
  const schemes = securitySchemes(authorization);
  const routes = [
    ...startRoutes.map((route) => [route, startOperation(route, authorization)] as const),
    ...OWN_ROUTES.map((route) => [route, ownOperation(route, authorization)] as const),
  ];
  const byPath = Map.groupBy(routes, ([{ path }]) => path);
  return {
    openapi: '3.1.1',
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info: {
      title: 'Fleetwright',
      version: VERSION,
      description: ABOUT,
      license: { name: 'Apache License 2.0', identifier: 'Apache-2.0' },
    },
    servers: [ANYWHERE],
    security: [Object.fromEntries(Object.keys(schemes).map((name) => [name, []]))],
    tags: [
      { name: 'runbooks', description: 'Start a runbook.' },
      { name: 'executions', description: 'Follow, list and stop what was started.' },
      { name: 'approvals', description: 'Decide about rollouts that wait for somebody.' },
      { name: 'api', description: 'The API itself.' },
    ],
    paths: Object.fromEntries(
      [...byPath].map(([path, at]) => [
        path,
        Object.fromEntries(at.map(([{ method }, operation]) => [method.toLowerCase(), operation])),
      ]),
    ),
    components: { schemas: componentSchemas(startRoutes), examples: problemExamples(), securitySchemes: schemes },
  };
}
