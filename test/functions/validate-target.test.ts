import { describe, expect, it } from '@jest/globals';
import { awsError, CONTEXT, EXECUTION, fakeAws, INSTANCE } from './support.ts';

Object.assign(process.env, {
  TAG_KEY: 'SSMRunAllowed',
  TAG_VALUE: 'true',
  ALLOW_ARBITRARY_COMMANDS: 'true',
  DISABLED_COMMANDS: 'run-script,rotate-logs',
  EXCLUDED_ASGS: 'legacy,databases',
  EXCLUDED_INSTANCES: 'i-0123456789abcdef9',
  EXCLUSIONS_PARAMETER: '/fleetwright/dev/exclusions',
});
const { handler } = await import('../../functions/validate-target.ts');

const allowed = [{ Key: 'SSMRunAllowed', Value: 'true' }];
const online = { PingStatus: 'Online', PlatformType: 'Linux' };

interface Fleet {
  readonly state?: string;
  readonly tags?: readonly object[];
  readonly agents?: readonly (object | undefined)[];
  readonly exclusions?: string;
}

/** One instance, and the pages on which SSM lists its agent. */
function fleet({ state = 'running', tags = allowed, agents = [online], exclusions = '{}' }: Fleet = {}) {
  let page = 0;
  return fakeAws({
    DescribeInstances: () => ({
      Reservations: [{ Instances: [{ InstanceId: INSTANCE, State: { Name: state }, Tags: tags }] }],
    }),
    GetParameter: () => ({ Parameter: { Value: exclusions } }),
    DescribeInstanceInformation: () => {
      const agent = agents[page++];
      return {
        InstanceInformationList: agent === undefined ? [] : [agent],
        NextToken: page < agents.length ? String(page) : undefined,
      };
    },
  });
}

const validate = (request: unknown) => handler({ execution: EXECUTION, request }, CONTEXT);

describe('validate-target', () => {
  it('chooses the shell for Linux and its diagnostics when no command is given', async () => {
    fleet();
    const target = await validate({ instanceId: INSTANCE });
    expect(target).toMatchObject({
      instanceId: INSTANCE,
      ssmDocument: 'AWS-RunShellScript',
      timeoutSeconds: 3600,
      workingDirectory: '',
      comment: '',
    });
    for (const title of [
      'System',
      'Uptime',
      'CPU',
      'Memory',
      'Disk',
      'Network connections',
      'Running services',
      'Containers',
    ])
      expect(target.commands.some((line) => line.startsWith('probe ') && line.includes(title))).toBe(true);
  });

  it('writes the script of a named command', async () => {
    fleet();
    const request = { instanceId: INSTANCE, commandName: 'restart-service', parameters: { service: 'nginx' } };
    const { commands } = await validate(request);
    expect(commands.slice(0, 3)).toEqual(['set -eu', "service='nginx'", 'seconds=5']);
  });

  it('refuses a disabled command before any call', async () => {
    const calls = fleet();
    const parameters = { source: 's3://a-bucket/x', sha256: 'a'.repeat(64) };
    await expect(validate({ instanceId: INSTANCE, commandName: 'run-script', parameters })).rejects.toMatchObject({
      name: 'CommandNotAllowed',
    });
    expect(calls).toEqual([]);
  });

  it('refuses a named command that has no version for the platform', async () => {
    fleet({ agents: [{ ...online, PlatformType: 'Windows' }] });
    const parameters = { destination: 's3://a-bucket/x' };
    await expect(validate({ instanceId: INSTANCE, commandName: 'collect-logs', parameters })).rejects.toMatchObject({
      name: 'InvalidRequest',
      message: 'commandName: collect-logs has no version for Windows, only for Linux',
    });
  });

  it('chooses PowerShell for Windows', async () => {
    fleet({ agents: [{ ...online, PlatformType: 'Windows' }] });
    const target = await validate({ instanceId: INSTANCE });
    expect(target.ssmDocument).toBe('AWS-RunPowerShellScript');
    expect(target.commands.join('\n')).toContain('Get-Service');
  });

  it('takes the document that is asked for, with diagnostics in its language', async () => {
    fleet();
    const target = await validate({ instanceId: INSTANCE, ssmDocument: 'AWS-RunPowerShellScript' });
    expect(target.commands.join('\n')).toContain('Get-Service');
  });

  it('hands on what was asked for, as it is', async () => {
    fleet();
    const request = {
      instanceId: INSTANCE,
      commands: ["echo '$(x)'", ''],
      timeoutSeconds: 30,
      workingDirectory: '/tmp',
      comment: 'why',
    };
    expect(await validate(request)).toEqual({ ...request, ssmDocument: 'AWS-RunShellScript' });
  });

  it('finds the agent on a later page', async () => {
    fleet({ agents: [undefined, online] });
    await expect(validate({ instanceId: INSTANCE })).resolves.toMatchObject({ instanceId: INSTANCE });
  });

  it('calls nothing for an invalid request', async () => {
    const calls = fleet();
    await expect(validate({ instanceId: 'x', timeoutSeconds: 0 })).rejects.toMatchObject({
      name: 'InvalidRequest',
      message: expect.stringMatching(/^instanceId: .*; timeoutSeconds: /),
    });
    expect(calls).toEqual([]);
  });

  it.each(['InvalidInstanceID.NotFound', 'InvalidInstanceID.Malformed'])('knows no instance by %s', async (code) => {
    fakeAws({ DescribeInstances: () => Promise.reject(awsError(code)) });
    await expect(validate({ instanceId: INSTANCE })).rejects.toMatchObject({ name: 'TargetNotFound' });
  });

  it.each<[string, Fleet, string, RegExp]>([
    ['a terminated instance', { state: 'terminated' }, 'TargetNotFound', /terminated/],
    ['a stopped instance', { state: 'stopped' }, 'TargetOffline', /is stopped, not running\. .*start-instances/],
    ['an instance about to stop', { state: 'stopping' }, 'TargetOffline', /is stopping/],
    [
      'an untagged instance',
      { tags: [] },
      'TargetNotAllowed',
      /SSMRunAllowed=true \(it has no such tag\).*create-tags/,
    ],
    [
      'a tag of another value',
      { tags: [{ Key: 'SSMRunAllowed', Value: 'no' }] },
      'TargetNotAllowed',
      /its value is "no"/,
    ],
    [
      'an excluded instance',
      { exclusions: JSON.stringify({ instances: [INSTANCE], reason: 'audit' }) },
      'TargetNotAllowed',
      /is excluded by the parameter \/fleetwright\/dev\/exclusions \(audit\)$/,
    ],
    [
      'an instance of a group that the configuration excludes',
      { tags: [...allowed, { Key: 'aws:autoscaling:groupName', Value: 'databases' }] },
      'TargetNotAllowed',
      /is excluded with its Auto Scaling group databases by the configuration$/,
    ],
    [
      'an instance that is tagged as excluded',
      { tags: [...allowed, { Key: 'fleetwright:exclude', Value: 'true' }] },
      'TargetNotAllowed',
      /is excluded by its tag/,
    ],
    ['everything while exclusions cannot be read', { exclusions: '{' }, 'ExclusionsUnreadable', /is no JSON/],
    ['an instance without an agent', { agents: [undefined] }, 'TargetOffline', /never registered/],
    [
      'an agent that is gone',
      { agents: [{ ...online, PingStatus: 'ConnectionLost', LastPingDateTime: new Date(0) }] },
      'TargetOffline',
      /ConnectionLost, not Online; last ping: 1970-01-01T00:00:00.000Z/,
    ],
  ])('refuses %s', async (_, instance, name, message) => {
    fleet(instance);
    await expect(validate({ instanceId: INSTANCE })).rejects.toMatchObject({
      name,
      message: expect.stringMatching(message),
    });
  });

  it.each(['UnauthorizedOperation', 'AccessDeniedException'])(
    'calls %s AccessDenied, and keeps what AWS said',
    async (code) => {
      fakeAws({
        DescribeInstances: () => Promise.reject(awsError(code, 'not authorized to perform: ec2:DescribeInstances')),
      });
      await expect(validate({ instanceId: INSTANCE })).rejects.toMatchObject({
        name: 'AccessDenied',
        message: /ec2:DescribeInstances/,
      });
    },
  );

  it('leaves every other error its name', async () => {
    fakeAws({ DescribeInstances: () => Promise.reject(awsError('RequestLimitExceeded')) });
    await expect(validate({ instanceId: INSTANCE })).rejects.toMatchObject({ name: 'RequestLimitExceeded' });
  });
});
