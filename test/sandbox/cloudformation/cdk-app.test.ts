import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { App, CfnOutput, CfnResource, Stack, Stage } from 'aws-cdk-lib';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Credentials } from '../../../sandbox/core/credentials.ts';
import { provisioner } from '../../../sandbox/core/resources.ts';
import { createLambda } from '../../../sandbox/lambda/index.ts';
import * as z from 'zod';
import { operator, testWorld } from '../support/world.ts';
import { settled } from '../lambda/support.ts';
import { deployFolder } from './support.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cdk-test-'));
  mkdirSync(join(folder, 'code'));
  writeFileSync(join(folder, 'code', 'index.mjs'), `export const handler = async () => process.env.OTHER;`);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Two stacks in a stage: a function, and what it is told of the other stack. */
function synthesize(env?: { account: string; region: string }): string {
  const outdir = join(folder, `out-${env?.region ?? 'none'}`);
  const app = new App({ outdir });
  const stage = new Stage(app, 'Stage', { ...(env && { env }) });
  const owner = new Stack(stage, 'Owner');
  const thing = new CfnResource(owner, 'Thing', { type: 'Test::Thing', properties: { A: 1 } });
  const user = new Stack(stage, 'User');
  const environment = { OTHER: thing.getAtt('Arn').toString() };
  const code = Code.fromAsset(join(folder, 'code'));
  const worker = new LambdaFunction(user, 'Worker', {
    code,
    environment,
    handler: 'index.handler',
    runtime: Runtime.NODEJS_24_X,
  });
  new CfnOutput(user, 'Name', { value: worker.functionName });
  app.synth();
  return outdir;
}

const iam = {
  'AWS::IAM::Role': provisioner(z.looseObject({}), (_, context) => {
    const name = context.physicalName(64);
    return { ref: name, attributes: { Arn: `arn:aws:iam::123456789012:role/${name}` } };
  }),
};

describe('a CDK app', () => {
  it('is deployed with its stages, assets and references between stacks', async () => {
    const world = testWorld();
    const assumeRole = (roleArn: string) => ({ kind: 'role' as const, arn: roleArn });
    const lambda = createLambda(world, {
      credentials: new Credentials(),
      endpoint: () => 'http://127.0.0.1:9',
      assumeRole,
    });
    world.dispatcher.register(lambda.service);
    try {
      const { made, deployment } = await deployFolder(synthesize(), {
        world,
        provisioners: { ...lambda.resources, ...iam },
      });
      expect(deployment.stacks.map(({ name }) => name)).toEqual(['Stage-Owner', 'Stage-User']);
      expect(deployment.resources['Stage/User/Worker/Resource']?.physicalId).toBe(deployment.outputs['Name']);
      expect(Object.keys(deployment.templates)).toEqual(['Stage-Owner', 'Stage-User']);
      const request = { FunctionName: deployment.outputs['Name'] };
      const answer = await settled(world.clock, world.dispatcher.call(operator, 'lambda', 'Invoke', request));
      expect(Buffer.from((answer as { Payload: Uint8Array }).Payload).toString()).toBe(
        `"arn:aws:test:::${String(made[0]?.name)}"`,
      );
    } finally {
      await lambda.close();
    }
  });

  it('is refused when it is for another region', async () => {
    const outdir = synthesize({ account: '123456789012', region: 'us-east-1' });
    await expect(deployFolder(outdir)).rejects.toThrow(
      'stack Stage-Owner: is for aws://123456789012/us-east-1; the sandbox is aws://123456789012/eu-central-1',
    );
  });
});
