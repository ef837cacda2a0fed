import { CfnOutput, Stack, Validations } from 'aws-cdk-lib';
import type { StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { OWN_ROUTES, START_ROUTES } from '../functions/lib/schemas/routes.ts';
import type { OwnRoute, StartRoute } from '../functions/lib/schemas/routes.ts';
import { RunbookApi } from './api/http-api.ts';
import { ownFunctions } from './api/own-functions.ts';
import { startFunction } from './api/start-function.ts';
import type { FleetContext } from './constructs/fleet-context.ts';
import type { FleetFunction } from './constructs/fleet-function.ts';
import { SavedQueries } from './constructs/saved-queries.ts';
import type { FoundationStack } from './foundation-stack.ts';
import type { RunbooksStack } from './runbooks-stack.ts';

/** The table of routes, of functions/lib/schemas/routes.ts unless given. */
export interface Routes {
  readonly start: readonly StartRoute[];
  readonly own: readonly OwnRoute[];
}

export interface ApiStackProps extends StackProps {
  readonly context: FleetContext;
  readonly foundation: FoundationStack;
  readonly runbooks: RunbooksStack;
  readonly routes?: Routes;
}

/** The HTTP API: a route and a function for every line of the table of routes. */
export class ApiStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { context, foundation, runbooks, routes = { start: START_ROUTES, own: OWN_ROUTES }, ...props }: ApiStackProps,
  ) {
    super(scope, id, props);
    const api = new RunbookApi(this, 'Api', { context });
    const served = { context, foundation, runbooks: runbooks.runbooks };
    const own = ownFunctions(this, served);
    const answers: (readonly [StartRoute | OwnRoute, FleetFunction | undefined])[] = [
      ...routes.start.map((route) => [route, startFunction(this, route, served)] as const),
      ...routes.own.map((route) => [route, own.get(route.function)] as const),
    ];
    for (const [route, answer] of answers) {
      if (answer === undefined) this.#refuse(route);
      else api.addRoute(route, answer);
    }
    const functions = [...new Set(answers.flatMap(([, answer]) => answer ?? []))];
    new SavedQueries(this, 'SavedQueries', {
      context,
      logGroups: [...runbooks.functions, ...functions].map((each) => each.function.logGroup),
      accessLog: api.accessLog,
    });
    new CfnOutput(this, 'ApiEndpoint', { value: api.httpApi.apiEndpoint });
    new CfnOutput(this, 'ApiId', { value: api.httpApi.apiId });
    for (const each of functions) each.addNameOutput();
  }

  #refuse(route: StartRoute | OwnRoute): void {
    const { method, path } = route;
    const problem =
      'runbook' in route
        ? `starts the runbook ${route.runbook}, which the stack does not have: add it to runbooks-stack.ts`
        : `names the function ${route.function}, which has no grants: add it to api/own-functions.ts`;
    Validations.of(this).addError('Route', `The route ${method} ${path} ${problem}`);
  }
}
