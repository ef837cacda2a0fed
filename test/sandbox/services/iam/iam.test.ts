import { beforeAll, describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import type { ResourceContext } from '../../../../sandbox/core/resources.ts';
import type { Call, Caller, Permission, ServiceId } from '../../../../sandbox/core/service.ts';
import { createIam, type Iam } from '../../../../sandbox/services/iam/index.ts';
import { operator, testWorld, type TestWorld } from '../../support/world.ts';

const ACCOUNT = '123456789012';
const INSTANCE = `arn:aws:ec2:eu-central-1:${ACCOUNT}:instance/i-0123456789abcdef0`;
const DOCUMENT = 'arn:aws:ssm:eu-central-1::document/AWS-RunShellScript';
const KEY = `arn:aws:kms:eu-central-1:${ACCOUNT}:key/11111111-2222-4333-8444-555555555555`;
const QUEUE = `arn:aws:sqs:eu-central-1:${ACCOUNT}:queue`;

const trusting = (Service: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' }],
});
const allows = (Action: string | string[], Resource: string | string[], more: object = {}) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource, ...more }],
});

interface Stage {
  readonly world: TestWorld;
  readonly iam: Iam;
  create(
    type: string,
    logicalId: string,
    properties: object,
  ): Promise<{ ref: string; attributes: Readonly<Record<string, string>> }>;
  /** Asks whether the role of that name may do it; the code and message of the refusal otherwise. */
  ask(caller: Caller, service: ServiceId, ...permissions: Permission[]): Promise<string>;
}

function stage(): Stage {
  const world = testWorld();
  const iam = createIam(world);
  return {
    world,
    iam,
    create: async (type, logicalId, properties) => {
      const found = iam.resources[type];
      if (found === undefined) throw new Error(`no provisioner for ${type}`);
      const context: ResourceContext = {
        logicalId,
        stackName: 'Stack',
        physicalName: () => `Stack-${logicalId}-ABC`,
        assetPath: () => '',
      };
      return found.create(z.parse(found.properties, properties), context);
    },
    ask: async (caller, service, ...permissions) => {
      const call: Call = { caller, service, operation: 'Any', requestId: 'r' };
      return iam.authorize(caller, permissions, call).then(
        () => 'allowed',
        (error: unknown) => {
          const { code, status, message } = error as { code: string; status: number; message: string };
          return `${code} ${status}: ${message}`;
        },
      );
    },
  };
}

const roleWith = (PolicyDocument: object, more: object = {}) => ({
  AssumeRolePolicyDocument: trusting('lambda.amazonaws.com'),
  Policies: [{ PolicyName: 'Inline', PolicyDocument }],
  ...more,
});

async function callerWith(at: Stage, document: object, more: object = {}): Promise<Caller> {
  const { attributes } = await at.create('AWS::IAM::Role', 'Role', roleWith(document, more));
  return at.iam.assume(attributes['Arn'] ?? '', 'lambda.amazonaws.com', { sessionName: 'send-command' });
}

beforeAll(async () => {
  await createIam(testWorld()).prepare();
});

describe('identity policies', () => {
  it('lets through what a policy allows, and the operator in everything', async () => {
    const at = stage();
    const caller = await callerWith(at, allows('ssm:ListCommands', '*'));
    expect(await at.ask(caller, 'ssm', { action: 'ssm:ListCommands', resource: '*' })).toBe('allowed');
    expect(await at.ask(operator, 'ssm', { action: 'ssm:CancelCommand', resource: '*' })).toBe('allowed');
  });

  it('refuses what none allows, with the action, the resource and the reason', async () => {
    const at = stage();
    const caller = await callerWith(at, allows('ssm:SendCommand', DOCUMENT));
    expect(
      await at.ask(
        caller,
        'ssm',
        { action: 'ssm:SendCommand', resource: DOCUMENT },
        { action: 'ssm:SendCommand', resource: INSTANCE },
      ),
    ).toBe(
      `AccessDeniedException 400: User: arn:aws:sts::${ACCOUNT}:assumed-role/Stack-Role-ABC/send-command is not authorized to perform: ` +
        `ssm:SendCommand on resource: ${INSTANCE} because no identity-based policy allows the ssm:SendCommand action`,
    );
  });

  it('takes policies that are attached later into account', async () => {
    const at = stage();
    const caller = await callerWith(at, allows('ssm:ListCommands', '*'));
    const cancel = { action: 'ssm:CancelCommand', resource: '*' };
    expect(await at.ask(caller, 'ssm', cancel)).toMatch(/^AccessDenied/);
    await at.create('AWS::IAM::Policy', 'Later', {
      PolicyName: 'Later',
      PolicyDocument: allows('ssm:CancelCommand', '*'),
      Roles: ['Stack-Role-ABC'],
    });
    expect(await at.ask(caller, 'ssm', cancel)).toBe('allowed');
  });

  it('decides by the tag that the call brings with it', async () => {
    const at = stage();
    const caller = await callerWith(
      at,
      allows('ssm:SendCommand', `arn:aws:ec2:*:${ACCOUNT}:instance/*`, {
        Condition: { StringEquals: { 'ssm:resourceTag/SSMRunAllowed': 'true' } },
      }),
    );
    const send = (context?: Permission['context']): Permission => ({
      action: 'ssm:SendCommand',
      resource: INSTANCE,
      ...(context && { context }),
    });
    expect(await at.ask(caller, 'ssm', send({ 'ssm:resourceTag/SSMRunAllowed': 'true' }))).toBe('allowed');
    expect(await at.ask(caller, 'ssm', send({ 'ssm:resourceTag/SSMRunAllowed': 'false' }))).toMatch(/^AccessDenied/);
    expect(await at.ask(caller, 'ssm', send())).toMatch(/^AccessDenied/);
  });

  it('lets an explicit deny win, in its own words', async () => {
    const at = stage();
    const statement = { Action: 's3:GetObject', Resource: 'arn:aws:s3:::bucket/*' };
    const caller = await callerWith(at, {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', ...statement },
        { Effect: 'Deny', ...statement },
      ],
    });
    expect(await at.ask(caller, 's3', { action: 's3:GetObject', resource: 'arn:aws:s3:::bucket/key' })).toBe(
      `AccessDenied 403: User: ${caller.arn} is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::bucket/key" with an explicit deny in an identity-based policy`,
    );
  });

  it('holds a role to its permissions boundary', async () => {
    const at = stage();
    const { ref } = await at.create('AWS::IAM::ManagedPolicy', 'Boundary', {
      PolicyDocument: allows('ssm:ListCommands', '*'),
    });
    const caller = await callerWith(at, allows('ssm:*', '*'), { PermissionsBoundary: ref });
    expect(await at.ask(caller, 'ssm', { action: 'ssm:ListCommands', resource: '*' })).toBe('allowed');
    expect(await at.ask(caller, 'ssm', { action: 'ssm:CancelCommand', resource: '*' })).toMatch(
      /because no permissions boundary allows the ssm:CancelCommand action$/,
    );
  });

  it('takes an asterisk in the ARN of a call for an asterisk', async () => {
    const at = stage();
    const caller = await callerWith(at, allows('s3:PutObject', ['arn:aws:s3:::bucket/a?b', 'arn:aws:s3:::bucket/axc']));
    const put = (key: string) =>
      at.ask(caller, 's3', { action: 's3:PutObject', resource: `arn:aws:s3:::bucket/${key}` });
    expect(await put('a*b')).toBe('allowed');
    expect(await put('a*c')).toMatch(/^AccessDenied/);
    expect(await put('*')).toMatch(/^AccessDenied/);
  });

  it('knows the time, also when it has decided the same before', async () => {
    const at = stage();
    const until = new Date(at.world.clock.now() + 3_600_000).toISOString();
    const caller = await callerWith(
      at,
      allows('ssm:ListCommands', '*', { Condition: { DateLessThan: { 'aws:CurrentTime': until } } }),
    );
    const list = { action: 'ssm:ListCommands', resource: '*' };
    expect(await at.ask(caller, 'ssm', list)).toBe('allowed');
    await at.world.clock.runFor(3_600_000);
    expect(await at.ask(caller, 'ssm', list)).toMatch(/^AccessDenied/);
  });

  it('sees which items of a table are asked for, call by call', async () => {
    const at = stage();
    const resource = `arn:aws:dynamodb:eu-central-1:${ACCOUNT}:table/locks`;
    const Condition = { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['counter'] } };
    const caller = await callerWith(at, allows(['dynamodb:GetItem', 'dynamodb:BatchGetItem'], resource, { Condition }));
    const ask = (action: string, ...keys: string[]) =>
      at.ask(caller, 'dynamodb', { action, resource, context: { 'dynamodb:LeadingKeys': keys } });
    expect(await ask('dynamodb:GetItem', 'counter')).toBe('allowed');
    expect(await ask('dynamodb:GetItem', 'i-1')).toMatch(/^AccessDenied/);
    expect(await ask('dynamodb:BatchGetItem', 'counter', 'counter')).toBe('allowed');
    expect(await ask('dynamodb:BatchGetItem', 'counter', 'i-1')).toMatch(/^AccessDenied/);
  });

  it('refuses to guess about an action that AWS does not have', async () => {
    const at = stage();
    const caller = await callerWith(at, allows('*', '*'));
    const call: Call = { caller, service: 's3', operation: 'HeadObject', requestId: 'r' };
    await expect(
      at.iam.authorize(caller, [{ action: 's3:HeadObject', resource: 'arn:aws:s3:::b/k' }], call),
    ).rejects.toThrow(/cannot decide about s3:HeadObject/);
  });
});

describe('the refusal of each service', () => {
  it.each([
    [
      'ec2',
      'ec2:StopInstances',
      INSTANCE,
      /^UnauthorizedOperation 403: You are not authorized to perform this operation\. User: /,
    ],
    [
      'sns',
      'sns:Publish',
      `arn:aws:sns:eu-central-1:${ACCOUNT}:t`,
      /^AuthorizationError 403: .*SNS:Publish on resource: .*the SNS:Publish action$/,
    ],
    ['sqs', 'sqs:SendMessage', QUEUE, /^AccessDenied 403: .*sqs:sendmessage/],
    [
      'lambda',
      'lambda:InvokeFunction',
      `arn:aws:lambda:eu-central-1:${ACCOUNT}:function:f`,
      /^AccessDeniedException 403: /,
    ],
    [
      'states',
      'states:StartExecution',
      `arn:aws:states:eu-central-1:${ACCOUNT}:stateMachine:m`,
      /^AccessDeniedException 400: /,
    ],
    [
      'dynamodb',
      'dynamodb:UpdateItem',
      `arn:aws:dynamodb:eu-central-1:${ACCOUNT}:table/t`,
      /^AccessDeniedException 400: /,
    ],
    ['sts', 'sts:AssumeRole', `arn:aws:iam::${ACCOUNT}:role/other`, /^AccessDenied 403: /],
  ] as const)('%s', async (service, action, resource, words) => {
    const at = stage();
    const caller = await callerWith(at, allows('logs:PutLogEvents', '*'));
    expect(await at.ask(caller, service, { action, resource })).toMatch(words);
  });

  it('names no resource where AWS defines none', async () => {
    const at = stage();
    const caller = await callerWith(at, allows('logs:PutLogEvents', '*'));
    expect(await at.ask(caller, 'ssm', { action: 'ssm:ListCommands', resource: '*' })).toMatch(
      /perform: ssm:ListCommands because/,
    );
  });
});

describe('resource policies', () => {
  const send: Permission = {
    action: 'sqs:SendMessage',
    resource: QUEUE,
  };
  const events: Caller = {
    kind: 'service',
    arn: 'events.amazonaws.com',
    sourceArn: `arn:aws:events:eu-central-1:${ACCOUNT}:rule/r`,
  };
  const statement = (rule: string) => ({
    Effect: 'Allow',
    Principal: { Service: 'events.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: QUEUE,
    Condition: { ArnEquals: { 'aws:SourceArn': `arn:aws:events:eu-central-1:${ACCOUNT}:rule/${rule}` } },
  });

  it('decides about a service by the resource policy alone', async () => {
    const at = stage();
    expect(await at.ask(events, 'sqs', send)).toBe(
      `AccessDenied 403: User: events.amazonaws.com is not authorized to perform: sqs:sendmessage on resource: ${QUEUE} because no resource-based policy allows the sqs:sendmessage action`,
    );
    at.world.resourcePolicies.replace(QUEUE, { Statement: statement('other') });
    expect(await at.ask(events, 'sqs', send)).toMatch(/^AccessDenied/);
    at.world.resourcePolicies.attach(QUEUE, { Statement: statement('r') });
    expect(await at.ask(events, 'sqs', send)).toBe('allowed');
    at.world.resourcePolicies.remove(QUEUE);
    expect(await at.ask(events, 'sqs', send)).toMatch(/^AccessDenied/);
  });

  it('asks the key policy before it trusts a role with a key', async () => {
    const at = stage();
    const caller = await callerWith(at, allows('kms:GenerateDataKey*', KEY));
    const generate = { action: 'kms:GenerateDataKey', resource: KEY };
    expect(await at.ask(caller, 's3', generate)).toMatch(
      /because no resource-based policy allows the kms:GenerateDataKey action$/,
    );
    at.world.resourcePolicies.attach(KEY, {
      Statement: [
        { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'kms:*', Resource: '*' },
      ],
    });
    expect(await at.ask(caller, 's3', generate)).toBe('allowed');
  });

  it('applies the policy of a bucket to its objects', async () => {
    const at = stage();
    const caller = await callerWith(at, allows('s3:*', '*'));
    at.world.resourcePolicies.attach('arn:aws:s3:::bucket', {
      Statement: [{ Effect: 'Deny', Principal: '*', Action: 's3:PutObject', Resource: 'arn:aws:s3:::bucket/locked/*' }],
    });
    expect(await at.ask(caller, 's3', { action: 's3:PutObject', resource: 'arn:aws:s3:::bucket/locked/k' })).toMatch(
      /with an explicit deny in a resource-based policy$/,
    );
    expect(await at.ask(caller, 's3', { action: 's3:PutObject', resource: 'arn:aws:s3:::bucket/open/k' })).toBe(
      'allowed',
    );
  });
});

describe('trust policies', () => {
  it.each([
    ['lambda.amazonaws.com', 'InvalidParameterValueException'],
    ['states.amazonaws.com', 'AccessDeniedException'],
    ['events.amazonaws.com', 'ValidationException'],
    ['ec2.amazonaws.com', 'AccessDenied'],
  ])('lets %s assume no role that does not name it', async (principal, code) => {
    const at = stage();
    const { attributes } = await at.create('AWS::IAM::Role', 'Role', {
      AssumeRolePolicyDocument: trusting('ssm.amazonaws.com'),
    });
    expect(() => at.iam.assume(attributes['Arn'] ?? '', principal)).toThrow(expect.objectContaining({ code }));
  });

  it('lets a service in by its regional name, on the conditions that the policy sets', async () => {
    const at = stage();
    const policy = trusting('states.eu-central-1.amazonaws.com');
    const Condition = {
      ArnLike: { 'aws:SourceArn': `arn:aws:states:*:${ACCOUNT}:stateMachine:run-*` },
      StringEquals: { 'aws:SourceAccount': ACCOUNT },
    };
    const { attributes } = await at.create('AWS::IAM::Role', 'Role', {
      AssumeRolePolicyDocument: {
        ...policy,
        Statement: policy.Statement.map((statement) => ({ ...statement, Condition })),
      },
    });
    const assume = (name: string) =>
      at.iam.assume(attributes['Arn'] ?? '', 'states.amazonaws.com', {
        sourceArn: `arn:aws:states:eu-central-1:${ACCOUNT}:stateMachine:${name}`,
      });
    expect(assume('run-command')).toMatchObject({ kind: 'role', roleName: 'Stack-Role-ABC' });
    expect(() => assume('other')).toThrow(expect.objectContaining({ code: 'AccessDeniedException' }));
  });

  it('gives the software on an instance the role of its profile', async () => {
    const at = stage();
    const { ref } = await at.create('AWS::IAM::Role', 'Role', {
      AssumeRolePolicyDocument: trusting('ec2.amazonaws.com'),
      ManagedPolicyArns: ['arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore'],
    });
    const profile = await at.create('AWS::IAM::InstanceProfile', 'Profile', { Roles: [ref] });
    const caller = at.iam.callerOfInstanceProfile(profile.attributes['Arn'] ?? '', 'i-1');
    expect(caller.arn).toBe(`arn:aws:sts::${ACCOUNT}:assumed-role/Stack-Role-ABC/i-1`);
    expect(await at.ask(caller, 'ssm', { action: 'ssm:UpdateInstanceInformation', resource: INSTANCE })).toBe(
      'allowed',
    );
    expect(() => at.iam.callerOfInstanceProfile('missing', 'i-1')).toThrow(
      expect.objectContaining({ code: 'NoSuchEntity' }),
    );
  });
});

describe('what templates may not say', () => {
  it('refuses managed policies of AWS that it does not know, by ARN', async () => {
    const at = stage();
    const arn = 'arn:aws:iam::aws:policy/AdministratorAccess';
    await expect(
      at.create('AWS::IAM::Role', 'R', {
        AssumeRolePolicyDocument: trusting('ec2.amazonaws.com'),
        ManagedPolicyArns: [arn],
      }),
    ).rejects.toThrow(arn);
  });

  it('refuses properties and policy elements that it does not know', async () => {
    const at = stage();
    await expect(
      at.create('AWS::IAM::Policy', 'P', { PolicyName: 'P', PolicyDocument: allows('s3:*', '*'), Users: ['u'] }),
    ).rejects.toThrow(/Users/);
    await expect(
      callerWith(at, { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Actions: 's3:*', Resource: '*' }] }),
    ).rejects.toThrow(/Actions/);
  });

  it('finds malformed policies before anything runs', async () => {
    const at = stage();
    await callerWith(at, allows('ListCommands', '*'));
    await expect(at.iam.prepare()).rejects.toThrow('A policy of role Stack-Role-ABC is malformed');
  });
});

describe('least privilege', () => {
  const document = allows(['ssm:SendCommand', 'ssm:ListCommands'], [DOCUMENT, '*']);

  it('lists every grant, and those that let calls through', async () => {
    const at = stage();
    const caller = await callerWith(at, document);
    expect(at.iam.grants()).toHaveLength(4);
    expect(at.iam.usage()).toEqual([]);
    await at.ask(caller, 'ssm', { action: 'ssm:SendCommand', resource: DOCUMENT });
    await at.ask(caller, 'ssm', { action: 'ssm:SendCommand', resource: DOCUMENT });
    await at.ask(caller, 'ssm', { action: 'ssm:CancelCommand', resource: '*' });
    const sent = { role: 'Stack-Role-ABC', policy: 'Inline', action: 'ssm:SendCommand' };
    expect(at.iam.usage()).toEqual([
      { ...sent, resource: DOCUMENT },
      { ...sent, resource: '*' },
    ]);
    expect(at.iam.grants()).toEqual(expect.arrayContaining([...at.iam.usage()]));
  });

  it.each(['Role', 'Stack-Role-ABC'])('withholds one action from %s and nothing else', async (role) => {
    const at = stage();
    const caller = await callerWith(at, document);
    const send = () => at.ask(caller, 'ssm', { action: 'ssm:SendCommand', resource: DOCUMENT });
    expect(await send()).toBe('allowed');
    at.iam.withhold([{ role, action: 'ssm:SendCommand' }]);
    expect(await send()).toMatch(/ssm:SendCommand/);
    expect(await at.ask(caller, 'ssm', { action: 'ssm:ListCommands', resource: '*' })).toBe('allowed');
    at.iam.withhold([]);
    expect(await send()).toBe('allowed');
  });

  it('says so when there is nothing to withhold', async () => {
    const at = stage();
    await callerWith(at, document);
    expect(() => at.iam.withhold([{ role: 'Role', action: 'ssm:CancelCommand' }])).toThrow(
      'Role is not granted ssm:CancelCommand',
    );
  });
});

it('remembers its decisions', async () => {
  const at = stage();
  const caller = await callerWith(at, allows('ssm:ListCommands', '*'));
  const list = { action: 'ssm:ListCommands', resource: '*' };
  await at.ask(caller, 'ssm', list);
  const started = performance.now();
  for (let round = 0; round < 1000; round++) await at.ask(caller, 'ssm', list);
  expect(performance.now() - started).toBeLessThan(500);
});
