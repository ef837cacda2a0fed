import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { serviceGrants } from '../../infra/constructs/service-grants.ts';
import { UNSCOPED_ACTIONS } from '../../infra/constructs/unscoped-actions.ts';
import { listOf, ofType, statementsOf, synthesize } from './synthesize.ts';
import type { Statement, TemplateDocument } from './synthesize.ts';

const { foundation, runbooks, api } = synthesize();
const templates = [foundation, runbooks, api];

/** Every statement of every role, with whose role it is. */
const granted = templates.flatMap((template) =>
  ofType(template, 'AWS::IAM::Role').flatMap(([role, { Properties }]) =>
    statementsOf(template, role).map((statement) => ({ role: kindOf(Properties), statement })),
  ),
);

function kindOf({ AssumeRolePolicyDocument }: TemplateDocument['Resources'][string]['Properties']): string {
  const [, service] = /"Service":"(\w+)/.exec(JSON.stringify(AssumeRolePolicyDocument)) ?? [];
  const kinds: Record<string, string> = {
    lambda: 'function',
    states: 'runbook',
    ec2: 'instance',
    events: 'rule',
    scheduler: 'schedule',
  };
  return kinds[service ?? ''] ?? 'unknown';
}

/** The actions of a role's kind, as `KIND ACTION`. */
const actionsOf = (role: string, { Action }: Pick<Statement, 'Action'>): string[] =>
  listOf(Action).map((action) => `${role} ${action}`);
const grantedForUs = (anyResource: boolean): string[] =>
  serviceGrants
    .filter((grant) => grant.anyResource === anyResource)
    .flatMap((g) => actionsOf(g.role, { Action: g.actions }));

/** What a function may do beside logging and tracing, which all do. */
function ownActions(name: string, template = runbooks): unknown[][] {
  const forUs = new Set(serviceGrants.filter(({ role }) => role === 'function').flatMap(({ actions }) => actions));
  return statementsOf(template, name)
    .filter(({ Action }) => !listOf(Action).every((action) => forUs.has(action)))
    .map(({ Action, Resource, Condition }) => [listOf(Action).join(), Resource, ...(Condition ? [Condition] : [])]);
}
const arn = (...parts: unknown[]) => ({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ...parts]] });

describe('no role', () => {
  it('is allowed an action by pattern', () => {
    expect(granted.length).toBeGreaterThan(20);
    for (const { statement } of granted)
      for (const action of listOf(statement.Action)) expect(action).toMatch(/^[a-z0-9]+:[A-Za-z]+$/);
  });

  it('has a policy of AWS, or one written into it, that these tests would not see', () => {
    for (const template of templates) {
      for (const [, { Properties }] of ofType(template, 'AWS::IAM::Role')) {
        expect(Properties.ManagedPolicyArns).toBeUndefined();
        expect(Properties.Policies).toBeUndefined();
      }
      expect(ofType(template, 'AWS::IAM::ManagedPolicy')).toEqual([]);
    }
  });
});

describe('any resource', () => {
  const onAny = granted.filter(({ statement }) => statement.Resource === '*');

  it('is allowed exactly where the lists say that AWS offers no narrower one', () => {
    const listed = [...Object.keys(UNSCOPED_ACTIONS).map((action) => `function ${action}`), ...grantedForUs(true)];
    const found = onAny.flatMap(({ role, statement }) => actionsOf(role, statement));
    expect([...new Set(found)].sort()).toEqual([...new Set(listed)].sort());
  });

  it('stands nowhere else in a pattern but in instances and groups by their tag, launch templates and what they launch, outputs and objects of runs below their prefix, associations, keys of snapshots, and executions of a runbook', () => {
    const patterns = granted
      .filter(({ statement }) => statement.Resource !== '*' && JSON.stringify(statement.Resource).includes('*'))
      .map(({ role, statement }) => `${role} ${listOf(statement.Action).join()}`);
    expect(patterns.sort()).toEqual([
      'function autoscaling:CancelInstanceRefresh',
      'function autoscaling:RollbackInstanceRefresh',
      'function autoscaling:StartInstanceRefresh',
      'function autoscaling:UpdateAutoScalingGroup',
      'function ec2:CreateLaunchTemplateVersion',
      ...['ec2:CreateTags', 'ec2:RunInstances', 'iam:PassRole'].flatMap((action) =>
        [1, 2, 3].map(() => `function ${action}`),
      ),
      'function kms:DescribeKey,kms:GetKeyPolicy,kms:ListGrants',
      'function s3:GetObject',
      ...[1, 2, 3, 4, 5, 6, 7].map(() => 'function s3:GetObject,s3:PutObject'),
      ...[1, 2].map(() => 'function s3:PutObject'),
      'function ssm:DescribeAssociation',
      'function ssm:DescribeAssociation,ssm:StartAssociationsOnce',
      'function ssm:DescribeAssociationExecutions,ssm:DescribeAssociationExecutionTargets',
      'function ssm:SendCommand',
      'function ssm:SendCommand',
      ...[1, 2, 3, 4, 5].map(() => 'function states:DescribeExecution'),
      'function states:StopExecution',
      'instance s3:PutObject',
      'runbook s3:GetObject',
      'runbook states:DescribeExecution,states:StopExecution',
    ]);
  });

  it('is in docs/security.md, action by action', () => {
    const text = readFileSync('docs/security.md', 'utf8');
    const actions = [...Object.keys(UNSCOPED_ACTIONS), ...serviceGrants.flatMap((grant) => grant.actions)];
    for (const action of actions) expect(text).toContain(`\`${action}\``);
  });
});

describe('what AWS uses on our behalf', () => {
  it('is granted, each action of it, and stands on the list with a reason', () => {
    const found = new Set(granted.flatMap(({ role, statement }) => actionsOf(role, statement)));
    for (const action of [...grantedForUs(true), ...grantedForUs(false)]) expect(found).toContain(action);
    for (const { reason } of serviceGrants) expect(reason.length).toBeGreaterThan(30);
  });
});

describe('send-command', () => {
  it('sends the two documents, to instances with the tag, and finds what it sent', () => {
    const region = { Ref: 'AWS::Region' };
    expect(ownActions('RunCommandSendCommand')).toEqual([
      [
        'ssm:SendCommand',
        [
          arn(':ssm:', region, '::document/AWS-RunShellScript'),
          arn(':ssm:', region, '::document/AWS-RunPowerShellScript'),
        ],
      ],
      [
        'ssm:SendCommand',
        arn(':ec2:', region, ':', { Ref: 'AWS::AccountId' }, ':instance/*'),
        { StringEquals: { 'ssm:resourceTag/SSMRunAllowed': 'true' } },
      ],
      ['ssm:ListCommands', '*'],
    ]);
  });

  it('is held to the configured tag', () => {
    const { runbooks } = synthesize({ tagGate: { key: 'MayRun', value: 'yes' } });
    expect(statementsOf(runbooks, 'RunCommandSendCommand').flatMap(({ Condition }) => Condition ?? [])).toEqual([
      { StringEquals: { 'ssm:resourceTag/MayRun': 'yes' } },
    ]);
  });
});

describe('refresh-asg', () => {
  const region = { Ref: 'AWS::Region' };
  const account = { Ref: 'AWS::AccountId' };
  const own = (action: string) =>
    granted.filter(({ statement }) => listOf(statement.Action).includes(action)).map(({ statement }) => statement);

  it('changes groups with the tag, and no others', () => {
    const groups = arn(':autoscaling:', region, ':', account, ':autoScalingGroup:*:autoScalingGroupName/*');
    const changes = ['Cancel', 'Rollback', 'Start'].map((verb) => `autoscaling:${verb}InstanceRefresh`);
    for (const action of [...changes, 'autoscaling:UpdateAutoScalingGroup']) {
      expect(own(action).length).toBeGreaterThan(0);
      for (const { Resource, Condition } of own(action)) {
        expect(Resource).toEqual(groups);
        expect(Condition).toEqual({ StringEquals: { 'autoscaling:ResourceTag/SSMRunAllowed': 'true' } });
      }
    }
  });

  it('launches by launch templates alone, tags what is launched alone, and hands roles to EC2 alone', () => {
    const conditions = (action: string) => own(action).map(({ Condition }) => Condition);
    for (const action of ['ec2:RunInstances', 'ec2:CreateTags', 'iam:PassRole'])
      expect(own(action).map(({ Resource }) => Resource)).not.toContain('*');
    for (const condition of conditions('ec2:RunInstances'))
      expect(condition).toEqual({
        ArnLike: { 'ec2:LaunchTemplate': arn(':ec2:', region, ':', account, ':launch-template/*') },
      });
    for (const condition of conditions('ec2:CreateTags'))
      expect(condition).toEqual({ StringEquals: { 'ec2:CreateAction': 'RunInstances' } });
    for (const condition of conditions('iam:PassRole'))
      expect(condition).toEqual({ StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } });
  });

  it('makes sure of locks by writes to their table alone', () => {
    const lockTable = {
      'Fn::ImportValue': expect.stringMatching(/^fleetwright-dev-foundation:.*LockTable.*Arn/) as unknown,
    };
    for (const name of ['PinTemplate', 'CreateTemplateVersion', 'StartInstanceRefresh', 'RollbackInstanceRefresh'])
      expect(ownActions(`RefreshAsg${name}`)).toContainEqual(['dynamodb:UpdateItem', lockTable]);
  });
});

describe('the API', () => {
  const exported = (stack: string, value: string) => ({
    'Fn::ImportValue': expect.stringMatching(`^fleetwright-dev-${stack}:.*${value}`) as unknown,
  });
  const results = exported('foundation', 'ResultTable.*Arn');
  const runCommand = exported('runbooks', 'RefRunCommandRunbookStateMachine');

  it('starts one runbook with each function, and touches one item of the locks', () => {
    expect(ownActions('StartRunCommand', api)).toEqual([
      ['dynamodb:GetItem,dynamodb:PutItem', results],
      [
        'dynamodb:GetItem,dynamodb:UpdateItem',
        exported('foundation', 'LockTable.*Arn'),
        { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['api-waits'] } },
      ],
      ['states:StartExecution', runCommand],
    ]);
  });

  it('reads rows by their key, and lists by the index that holds no results', () => {
    expect(ownActions('GetExecution', api)).toEqual([['dynamodb:GetItem', results]]);
    expect(ownActions('ListExecutions', api)).toEqual([
      ['dynamodb:Query', { 'Fn::Join': ['', [results, '/index/by-runbook']] }],
    ]);
  });

  it('stops executions of the runbooks and no others', () => {
    const region = [{ Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }] as const;
    expect(ownActions('StopExecution', api)).toEqual([
      ['dynamodb:UpdateItem,dynamodb:GetItem', results],
      [
        'states:StopExecution',
        ['RunCommand', 'FleetCommand', 'StartAssociation', 'RefreshAsg', 'AmiRollout'].map((name) =>
          arn(':states:', ...region, ':execution:', exported('runbooks', `${name}RunbookStateMachine.*Name`), ':*'),
        ),
      ],
      ['dynamodb:GetItem', exported('foundation', 'RolloutTable.*Arn')],
      ['states:SendTaskFailure', '*'],
    ]);
  });

  it('calls nothing to describe itself', () => expect(ownActions('GetOpenapi', api)).toEqual([]));

  it('may use the key of the result table, and only where it reads or writes it', () => {
    const roles = ofType(api, 'AWS::IAM::Role').map(([role]) => role);
    const using = roles.filter((role) =>
      statementsOf(api, role).some(({ Action }) => listOf(Action).includes('kms:Decrypt')),
    );
    expect(roles.filter((role) => !using.includes(role))).toEqual([expect.stringMatching(/^GetOpenapi/)]);
    for (const role of using)
      expect(statementsOf(api, role)).toContainEqual({
        Effect: 'Allow',
        Action: 'kms:Decrypt',
        Resource: exported('foundation', 'Key.*Arn'),
      });
  });
});

describe('validate-target', () => {
  it('reads the one parameter that says what must not be touched', () => {
    expect(ownActions('RunCommandValidateTarget')).toEqual([
      ['ec2:DescribeInstances,ssm:DescribeInstanceInformation', '*'],
      [
        'ssm:GetParameter',
        arn(':ssm:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }, ':parameter', {
          'Fn::ImportValue': expect.stringMatching(/^fleetwright-dev-foundation:.*Exclusions/) as unknown,
        }),
      ],
    ]);
  });
});

describe('locks', () => {
  const lockTable = {
    'Fn::ImportValue': expect.stringMatching(/^fleetwright-dev-foundation:.*LockTable.*Arn/) as unknown,
  };
  const region = [{ Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }] as const;

  it('are taken by writes to their table alone, and runbooks asked whether they run', () => {
    const executionsOf = (name: string) => {
      const machine = { 'Fn::GetAtt': [expect.stringMatching(`^${name}Runbook`) as unknown, 'Name'] };
      return arn(':states:', ...region, ':execution:', machine, ':*');
    };
    const executions = ['RunCommand', 'FleetCommand', 'StartAssociation', 'RefreshAsg'].map(executionsOf);
    expect(ownActions('LocksAcquireLocks')).toEqual([
      ['dynamodb:UpdateItem,dynamodb:DeleteItem', lockTable],
      ['states:DescribeExecution', executions],
    ]);
    expect(ownActions('AmiRolloutFunctionsClaimRollout')).toContainEqual([
      'states:DescribeExecution',
      executionsOf('AmiRollout'),
    ]);
  });

  it('are given back by deletes, and found by the index', () => {
    expect(ownActions('LocksReleaseLocks')).toEqual([
      ['dynamodb:DeleteItem', lockTable],
      ['dynamodb:Query', { 'Fn::Join': ['', [lockTable, '/index/by-execution']] }],
    ]);
  });
});

describe('the other roles', () => {
  it.each([
    ['RunCommandCheckInvocation', 'ssm:GetCommandInvocation'],
    ['RunCommandCancelCommand', 'ssm:CancelCommand,ssm:ListCommands'],
  ])('%s may %s', (role, actions) => expect(ownActions(role)).toEqual([[actions, '*']]));

  it.each([
    [
      'RunCommandRunbook',
      ['lambda:InvokeFunction', 'dynamodb:UpdateItem', 'sns:Publish', 'dynamodb:DeleteItem', 's3:ListBucket'],
      5,
    ],
    ['FleetCommandRunbook', ['lambda:InvokeFunction', 'dynamodb:UpdateItem', 'sns:Publish'], 7],
    ['StartAssociationRunbook', ['lambda:InvokeFunction', 'dynamodb:UpdateItem', 'sns:Publish'], 5],
    ['RefreshAsgRunbook', ['lambda:InvokeFunction', 'dynamodb:UpdateItem', 'sns:Publish'], 10],
    ['CompleteExecutionRunbook', ['lambda:InvokeFunction', 'dynamodb:UpdateItem', 'sns:Publish'], 2],
  ])('%s may %j, on what is its own', (role, actions, functions) => {
    const statements = statementsOf(runbooks, role);
    const forUs = new Set(serviceGrants.filter((grant) => grant.role === 'runbook').flatMap((grant) => grant.actions));
    const own = statements.flatMap(({ Action }) => listOf(Action)).filter((action) => !forUs.has(action));
    expect(own).toEqual(actions);
    expect(listOf(statements[0]?.Resource)).toHaveLength(functions);
  });

  it('the rule may start complete-execution', () => {
    const [completion] =
      ofType(runbooks, 'AWS::StepFunctions::StateMachine').find(([id]) => id.startsWith('Comp')) ?? [];
    expect(granted.filter(({ role }) => role === 'rule').map(({ statement }) => statement)).toEqual([
      { Effect: 'Allow', Action: 'states:StartExecution', Resource: { Ref: completion } },
    ]);
  });
});
