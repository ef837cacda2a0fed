import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RealClock } from '../../../sandbox/clock/real-clock.ts';
import { bench, benchIn, settled, type Bench } from './support.ts';
import { operator, testWorldWith, type TestWorld } from '../support/world.ts';

const ARN = 'arn:aws:lambda:eu-central-1:123456789012:function:f';
const CODE = `export const handler = async () => 1;`;

let b: Bench<TestWorld>;
beforeEach(() => {
  b = bench();
});
afterEach(() => b.close());

const call = (operation: string, input: object) =>
  settled(b.world.clock, b.world.dispatcher.call(operator, 'lambda', operation, input));

describe('functions', () => {
  it('are described as they were created', async () => {
    const created = await b.define('f', CODE, {
      Environment: { Variables: { AB: 'c' } },
      Description: 'd',
      Tags: [{ Key: 'k', Value: 'v' }],
    });
    expect(created).toEqual({ ref: 'f', attributes: { Arn: ARN } });
    expect(await call('GetFunction', { FunctionName: ARN })).toMatchObject({
      Configuration: {
        FunctionName: 'f',
        FunctionArn: ARN,
        Runtime: 'nodejs24.x',
        State: 'Active',
        Version: '$LATEST',
        Description: 'd',
        Environment: { Variables: { AB: 'c' } },
      },
      Tags: { k: 'v' },
    });
    expect(await call('GetFunctionConfiguration', { FunctionName: '123456789012:function:f:$LATEST' })).toMatchObject({
      FunctionArn: `${ARN}:$LATEST`,
    });
  });

  it('are listed page by page', async () => {
    for (const name of ['a', 'b', 'c']) await b.define(name, CODE);
    const first = await call('ListFunctions', { MaxItems: 2 });
    expect(first).toMatchObject({ Functions: [{ FunctionName: 'a' }, { FunctionName: 'b' }], NextMarker: '2' });
    expect(await call('ListFunctions', { Marker: '2' })).toEqual({
      Functions: [expect.objectContaining({ FunctionName: 'c' })],
    });
    await expect(call('ListFunctions', { Marker: 'x' })).rejects.toMatchObject({
      code: 'InvalidParameterValueException',
    });
  });

  it('run by version and alias', async () => {
    await b.define(
      'f',
      `export const handler = async (_, context) => [context.functionVersion, context.invokedFunctionArn];`,
    );
    expect(await b.create('AWS::Lambda::Version', { FunctionName: 'f' })).toMatchObject({
      ref: `${ARN}:1`,
      attributes: { Version: '1' },
    });
    const alias = { FunctionName: 'f', FunctionVersion: '1', Name: 'live' };
    expect(await b.create('AWS::Lambda::Alias', alias)).toEqual({
      ref: `${ARN}:live`,
      attributes: { AliasArn: `${ARN}:live` },
    });
    const { output, payload } = await settled(b.world.clock, b.invoke('f:live'));
    expect(output.ExecutedVersion).toBe('1');
    expect(payload).toEqual(['1', `${ARN}:live`]);
    expect(await call('ListVersionsByFunction', { FunctionName: 'f' })).toMatchObject({
      Versions: [{ Version: '$LATEST' }, { Version: '1' }],
    });
    expect(await call('GetAlias', { FunctionName: 'f', Name: 'live' })).toMatchObject({
      AliasArn: `${ARN}:live`,
      FunctionVersion: '1',
    });
    expect(await call('ListAliases', { FunctionName: 'f' })).toMatchObject({ Aliases: [{ Name: 'live' }] });
    await expect(b.invoke('f:live', {}, { Qualifier: '1' })).rejects.toMatchObject({
      code: 'InvalidParameterValueException',
    });
    await expect(b.invoke('f:2')).rejects.toMatchObject({ message: `Function not found: ${ARN}:2` });
  });

  it('ask IAM for the function that is invoked, with its qualifier', async () => {
    await b.define('f', CODE);
    await settled(b.world.clock, b.invoke(`${ARN}:$LATEST`));
    expect(b.world.dispatcher.journal.at(-1)?.permissions).toEqual([
      { action: 'lambda:InvokeFunction', resource: `${ARN}:$LATEST` },
    ]);
  });

  it('let others in by their resource policy', async () => {
    await b.define('f', CODE);
    const Principal = 'events.amazonaws.com';
    const SourceArn = 'arn:aws:events:eu-central-1:123456789012:rule/r';
    await b.create('AWS::Lambda::Permission', {
      FunctionName: ARN,
      Action: 'lambda:InvokeFunction',
      Principal,
      SourceArn,
    });
    const { Policy } = (await call('GetPolicy', { FunctionName: 'f' })) as { Policy: string };
    expect(JSON.parse(Policy)).toMatchObject({
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: Principal },
          Resource: ARN,
          Condition: { ArnLike: { 'AWS:SourceArn': SourceArn } },
        },
      ],
    });
  });

  it.each([
    ['a runtime that is not Node.js', { Runtime: 'python3.13' }],
    ['layers', { Layers: ['arn:aws:lambda:eu-central-1:123456789012:layer:l:1'] }],
    ['a reserved variable', { Environment: { Variables: { AWS_REGION: 'x' } } }],
    ['inline code', { Code: { ZipFile: '' } }],
    ['too long a timeout', { Timeout: 901 }],
  ])('are refused with %s', async (_, properties) => {
    await expect((async () => b.define('f', CODE, properties))()).rejects.toThrow();
  });

  it('log what the platform and the code say', async () => {
    await b.define(
      'f',
      `export const handler = async () => { console.warn('careful', { a: 1 }); process.stdout.write('raw\\nlines\\n'); };`,
    );
    await settled(b.world.clock, b.invoke('f'));
    const id = b.world.lines[0]?.line.split(' ')[2];
    expect(b.world.lines.map(({ line }) => line)).toEqual([
      `START RequestId: ${String(id)} Version: $LATEST`,
      `2026-01-05T09:00:00.000Z\t${String(id)}\tWARN\tcareful { a: 1 }`,
      'raw',
      'lines',
      `END RequestId: ${String(id)}`,
      `REPORT RequestId: ${String(id)}\tDuration: 2.00 ms\tBilled Duration: 202 ms\tMemory Size: 128 MB\tMax Memory Used: 128 MB\tInit Duration: 200.00 ms\t`,
    ]);
    expect(b.world.lines[0]).toMatchObject({
      group: '/aws/lambda/f',
      stream: expect.stringMatching(/^2026\/01\/05\/\[\$LATEST\][0-9a-f]{32}$/),
    });
  });

  it('log JSON to the group they are told, from the level they are told', async () => {
    const LoggingConfig = { LogFormat: 'JSON', LogGroup: 'mine', ApplicationLogLevel: 'WARN' };
    await b.define('f', `export const handler = async () => { console.info('no'); console.warn('yes'); };`, {
      LoggingConfig,
    });
    await settled(b.world.clock, b.invoke('f'));
    expect(new Set(b.world.lines.map(({ group }) => group))).toEqual(new Set(['mine']));
    const records = b.world.lines.map(({ line }) => JSON.parse(line) as Record<string, unknown>);
    expect(records).toMatchObject([
      { type: 'platform.start' },
      { level: 'WARN', message: 'yes' },
      { type: 'platform.report', record: { status: 'success' } },
    ]);
  });
});

describe('functions in real time', () => {
  it('run side by side, each with a key of its own, and are used again', async () => {
    const clock = new RealClock();
    const real = benchIn(testWorldWith(clock));
    try {
      const code = `let count = 0; export const handler = async () => { await new Promise((r) => setTimeout(r, 100)); return [process.env.AWS_ACCESS_KEY_ID, ++count]; };`;
      await real.define('f', code);
      const keysOf = (outcomes: { payload: unknown }[]) =>
        outcomes.map(({ payload }) => (payload as [string, number])[0]);
      const together = await Promise.all([real.invoke('f'), real.invoke('f')]);
      expect(new Set(keysOf(together)).size).toBe(2);
      const again = await real.invoke('f');
      expect((again.payload as [string, number])[1]).toBe(2);
    } finally {
      await real.close();
      clock.stop();
    }
  });

  it('are ended at their timeout', async () => {
    const clock = new RealClock();
    const real = benchIn(testWorldWith(clock));
    try {
      await real.define('f', `export const handler = async () => { for (;;); };`, { Timeout: 1 });
      expect((await real.invoke('f')).payload).toMatchObject({ errorType: 'Sandbox.Timedout' });
    } finally {
      await real.close();
      clock.stop();
    }
  });
});
