import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { ConfigError } from '../../infra/config-error.ts';
import { functionSettings, parseConfig } from '../../infra/config.ts';
import { environmentNames, loadEnvironment } from '../../infra/environments/index.ts';

const FUNCTION = 'arn:aws:lambda:eu-west-1:123456789012:function:authorize';

function refusal(input: unknown): ConfigError {
  try {
    parseConfig('dev.ts', input);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('It was accepted');
}

describe('the configuration', () => {
  it('has a default for everything', () => {
    expect(parseConfig('dev.ts', {})).toEqual({
      project: 'fleetwright',
      tagGate: { key: 'SSMRunAllowed', value: 'true' },
      allowArbitraryCommands: true,
      disabledCommands: [],
      excludedInstances: [],
      excludedAsgs: [],
      amiParameters: [],
      driftSchedule: 'rate(1 hour)',
      functions: { memoryMb: 256, timeoutSeconds: 30, overrides: {} },
      api: { authorization: { type: 'iam' }, throttle: { rateLimit: 50, burstLimit: 100 }, waitConcurrency: 10 },
      logLevel: 'INFO',
      logRetentionDays: 90,
      logExecutionData: false,
      notifyOnSuccess: false,
      notificationEmails: [],
      alarmActionsEnabled: true,
      outputBucket: 'new',
      outputKeyPrefix: 'commands',
      outputRetentionDays: 90,
      retainData: true,
      tags: {},
    });
  });

  it('knows the commands that may be disabled', () => {
    expect(parseConfig('dev.ts', { disabledCommands: ['run-script'] }).disabledCommands).toEqual(['run-script']);
    expect(refusal({ disabledCommands: ['run-scripts'] }).message).toContain(
      'disabledCommands.0 is "run-scripts": name commands of the catalogue: diagnostics, restart-service, ',
    );
  });

  it('keeps exclusions small enough for the environment of a function, and says where more of them go', () => {
    const excludedInstances = Array.from({ length: 52 }, (_, index) => `i-${String(index).padStart(17, '0')}`);
    expect(parseConfig('dev.ts', { excludedInstances: excludedInstances.slice(1) })).toMatchObject({
      excludedAsgs: [],
    });
    expect(refusal({ excludedInstances }).message).toContain('give at most 1024 bytes; the parameter');
    expect(refusal({ excludedAsgs: ['a,b'] }).message).toContain('excludedAsgs.0 is "a,b"');
  });

  it('completes the policies of AMI parameters, and says what is wrong with each', () => {
    const selector = { tags: { ami: 'test' } };
    const [followed] = parseConfig('dev.ts', { amiParameters: [{ parameter: '/ami/test', selector }] }).amiParameters;
    expect(followed).toMatchObject({ event: 'native', waves: { canary: 1, batch: '25%' }, drift: 'repair' });
    const parameters = [
      { parameter: '/ami/test', selector },
      { parameter: '/ami/test', selector },
      { parameter: 'ami', selector },
      { parameter: '/a/b/c/d/e/f/g/h/i/j/k/l/m', selector },
      { parameter: '/aws/service/public', selector, event: 'poll' },
      { parameter: '/ami/web', selector: {} },
      { parameter: '/ami/db', selector, wave: {} },
      { parameter: '/ami/app', selector, waves: { canary: '0%' } },
    ];
    expect(
      refusal({ amiParameters: parameters })
        .message.split('\n')
        .map((line) => line.trim()),
    ).toEqual([
      'dev.ts cannot be used:',
      'amiParameters.2.parameter is "ami": must be the full name of a parameter such as /ami/linux/test',
      'amiParameters.4.event is "poll": give native (the event Parameter Store Change) or cloudtrail (the event of CloudTrail for PutParameter, which needs a trail in the account)',
      'amiParameters.5.selector is {}: must name tags, autoScalingGroups or instanceIds',
      'amiParameters.6.wave is {}: there is no such setting, take it out',
      'amiParameters.7.waves.canary is "0%": must be a number from 1, or a percentage from 1% to 100%',
    ]);
    expect(
      refusal({ amiParameters: [parameters[0], parameters[1], parameters[3]] }).problems.map((p) => [p.path, p.remedy]),
    ).toEqual([
      ['amiParameters.1.parameter', 'put it together with amiParameters.0, which follows it'],
      ['amiParameters.2.parameter', 'give at most 12 levels'],
    ]);
    const many = (count: number, length: number) =>
      Array.from({ length: count }, (_, index) => ({
        parameter: `/${String(index).padStart(length - 1, '0')}`,
        selector,
      }));
    expect(refusal({ amiParameters: many(51, 9) }).message).toContain('give at most 50 parameters');
    expect(refusal({ amiParameters: many(5, 900) }).message).toContain('names of at most 4096 bytes together');
  });

  it('names the path, the value and the remedy of every problem at once', () => {
    const { message, problems } = refusal({
      logRetentionDays: 31,
      tagGate: { key: 'aws:owner' },
      notificationEmails: ['ops@example.com', 'ops'],
      functions: { overrides: { 'send-command': { timeoutSeconds: 901 } } },
    });
    expect(problems.map(({ path, value }) => [path, value])).toEqual([
      ['tagGate.key', 'aws:owner'],
      ['functions.overrides.send-command.timeoutSeconds', 901],
      ['logRetentionDays', 31],
      ['notificationEmails.1', 'ops'],
    ]);
    expect(message).toContain('dev.ts cannot be used:');
    expect(message).toContain('notificationEmails.1 is "ops": give an e-mail address');
    expect(message).toContain('timeoutSeconds is 901: give a whole number of seconds from 1 to 900');
  });

  it.each([
    ['an unknown setting', { logRetentionDay: 3 }, 'logRetentionDay', /no such setting.*logRetentionDays/],
    ['an unknown setting further in', { tagGate: { name: 'x' } }, 'tagGate.name', /no such setting/],
    [
      'an unknown function',
      { functions: { overrides: { 'send-comand': {} } } },
      'functions.overrides.send-comand',
      /send-command/,
    ],
    ['logs that are kept for ever', { logRetentionDays: 9999 }, 'logRetentionDays', /3653$/],
    [
      'a key for a new bucket',
      { outputBucketKeyArn: 'arn:aws:kms:eu-west-1:123456789012:key/1a-2b' },
      'outputBucketKeyArn',
      /leave it out/,
    ],
    [
      'an alias as the key',
      { outputBucket: 'outputs', outputBucketKeyArn: 'alias/outputs' },
      'outputBucketKeyArn',
      /ARN of the KMS key/,
    ],
    ['a bucket name that is none', { outputBucket: 'Out_puts' }, 'outputBucket', /existing bucket/],
    [
      'a prefix that ends in a slash',
      { outputKeyPrefix: 'commands/' },
      'outputKeyPrefix',
      /without a \/ at either end/,
    ],
    ['an empty tag value for the gate', { tagGate: { value: '' } }, 'tagGate.value', /such as true/],
    ['a tag of our own', { tags: { project: 'mine' } }, 'tags.project', /is set for you/],
    ['a schedule that is none', { driftSchedule: 'hourly' }, 'driftSchedule', /such as rate\(1 hour\)/],
    ['memory that Lambda does not have', { functions: { memoryMb: 64 } }, 'functions.memoryMb', /128 to 10240/],
    ['an authorization without a kind', { api: { authorization: {} } }, 'api.authorization.type', /type: 'jwt'/],
    ['no authorization', { api: { authorization: { type: 'none' } } }, 'api.authorization.type', /type: 'iam'/],
    [
      'a setting of another kind of authorization',
      { api: { authorization: { type: 'iam', audience: ['fleet'] } } },
      'api.authorization.audience',
      /no such setting/,
    ],
    [
      'an issuer without TLS',
      { api: { authorization: { type: 'jwt', issuer: 'http://id.example.com', audience: ['fleet'] } } },
      'api.authorization.issuer',
      /https URL/,
    ],
    [
      'tokens for anybody',
      { api: { authorization: { type: 'jwt', issuer: 'https://id.example.com', audience: [] } } },
      'api.authorization.audience',
      /1 to 50 audiences/,
    ],
    [
      'a scope with a space',
      { api: { authorization: { type: 'jwt', issuer: 'https://id.example.com', audience: ['a'], scopes: ['a b'] } } },
      'api.authorization.scopes.0',
      /without spaces/,
    ],
    [
      'an authorizer by its name',
      { api: { authorization: { type: 'lambda', functionArn: 'authorize' } } },
      'api.authorization.functionArn',
      /ARN of the function/,
    ],
    [
      'an answer kept for a day',
      { api: { authorization: { type: 'lambda', functionArn: FUNCTION, cacheSeconds: 86_400 } } },
      'api.authorization.cacheSeconds',
      /0 to 3600/,
    ],
    ['no requests at all', { api: { throttle: { rateLimit: 0 } } }, 'api.throttle.rateLimit', /1 to 10000/],
    ['more waiting than Lambda bears', { api: { waitConcurrency: 51 } }, 'api.waitConcurrency', /0 to 50/],
    ['a text for a flag', { notifyOnSuccess: 'true' }, 'notifyOnSuccess', /true or false/],
  ])('refuses %s', (_, input, path, remedy) => {
    expect(refusal(input).problems).toEqual([
      expect.objectContaining({ path, remedy: expect.stringMatching(remedy) as unknown }),
    ]);
  });

  it('refuses what is no configuration at all', () => {
    expect(refusal([]).problems).toMatchObject([{ path: 'the configuration', value: [] }]);
  });

  it('is accepted or refused by name, whatever it is', () => {
    fc.assert(
      fc.property(fc.object(), (input) => {
        if (Object.keys(input).length === 0) return;
        expect(refusal(input).problems.length).toBeGreaterThan(0);
      }),
    );
  });

  it('gives a function its own settings where it has some', () => {
    const overrides = { 'send-command': { memoryMb: 512 } };
    const config = parseConfig('dev.ts', { functions: { timeoutSeconds: 20, overrides } });
    expect(functionSettings(config, 'send-command')).toEqual({ memoryMb: 512, timeoutSeconds: 20 });
    expect(functionSettings(config, 'check-invocation')).toEqual({ memoryMb: 256, timeoutSeconds: 20 });
    expect(functionSettings(config, 'check-invocation', { timeoutSeconds: 29 })).toMatchObject({ timeoutSeconds: 29 });
  });
});

describe('the environments', () => {
  it('are three, and dev unless named', () => {
    expect(environmentNames).toEqual(['dev', 'staging', 'prod']);
    expect(loadEnvironment().environment).toBe('dev');
  });

  it('are refused by an unknown name, with the names there are', () => {
    expect(() => loadEnvironment('production')).toThrow(/environment is "production": use one of dev, staging, prod/);
  });
});
