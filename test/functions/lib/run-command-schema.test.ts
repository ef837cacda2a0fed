import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { problemsOf } from '../../../functions/lib/problems.ts';
import { RunCommandRequest } from '../../../functions/lib/schemas/run-command.ts';

const instanceId = 'i-0123456789abcdef0';
const problems = (request: unknown): string => {
  const result = RunCommandRequest.safeParse(request);
  return result.success ? '' : problemsOf(result.error);
};

describe('the request of run-command', () => {
  it('needs an instance id alone', () =>
    expect(RunCommandRequest.parse({ instanceId })).toEqual({ instanceId, timeoutSeconds: 3600 }));

  it.each<[string, object, string]>([
    ['no instance id', { instanceId: undefined }, 'instanceId: is missing'],
    ['a malformed instance id', { instanceId: 'i-xyz' }, 'instanceId: must be an EC2 instance id'],
    ['an unknown key', { comands: [] }, 'comands: is not a known key'],
    ['commands of a wrong type', { commands: 'ls' }, 'commands: '],
    ['a command of a wrong type', { commands: ['ls', 5] }, 'commands[1]: '],
    ['no commands', { commands: [] }, 'commands: must hold at least one command'],
    ['blank commands', { commands: ['', ' \n'] }, 'commands: must not be blank'],
    ['too many commands', { commands: Array.from({ length: 1001 }, () => 'ls') }, 'commands: must hold at most 1000'],
    ['100 KB', { commands: ['x'.repeat(100_000)] }, 'commands: must stay within 61440 bytes'],
    [
      'a parameter for SSM to substitute',
      { commands: ['ls', 'echo {{ssm:secret}}'] },
      'commands[1]: must not hold {{…}}',
    ],
    ['braces around anything', { commands: ["docker ps --format '{{ .Names }}'"] }, 'commands[0]: must not hold {{…}}'],
    ['braces over lines', { commands: ['{{\n}}'] }, 'commands[0]: must not hold {{…}}'],
    ['braces in the directory', { workingDirectory: '/{{ssm:x}}' }, 'workingDirectory: must not hold {{…}}'],
    ['a NUL', { commands: ['echo \0'] }, 'commands[0]: must not hold a NUL'],
    ['half a surrogate pair', { commands: ['echo \ud800'] }, 'commands[0]: must be well-formed'],
    ['a time-out below 30 s', { timeoutSeconds: 29 }, 'timeoutSeconds: '],
    ['a negative time-out', { timeoutSeconds: -1 }, 'timeoutSeconds: '],
    ['a time-out above 48 h', { timeoutSeconds: 172_801 }, 'timeoutSeconds: '],
    ['half a second', { timeoutSeconds: 60.5 }, 'timeoutSeconds: '],
    ['a time-out as text', { timeoutSeconds: '60' }, 'timeoutSeconds: '],
    ['a comment above 100 characters', { comment: 'x'.repeat(101) }, 'comment: '],
    ['an unknown document', { ssmDocument: 'AWS-RunRemoteScript' }, 'ssmDocument: '],
    [
      'an unknown named command',
      { commandName: 'dance' },
      'commandName: must be a command of the catalogue: diagnostics, ',
    ],
    [
      'a wrong parameter',
      { commandName: 'restart-service', parameters: { service: '-x' } },
      'parameters.service: must be',
    ],
    ['parameters without a name', { parameters: {} }, 'parameters: are those of a command of the catalogue'],
  ])('refuses %s', (_, change, reason) => expect(problems({ instanceId, ...change })).toContain(reason));

  it.each([[null], ['text'], [[]], [5]])('refuses %p', (request) => expect(problems(request)).toContain('the input: '));

  it('lists every problem, and none of the values', () => {
    const listed = problems({
      instanceId: 'hunter2',
      commands: ['{{hunter2}}', 5],
      timeoutSeconds: 1,
      surprise: 'hunter2',
    });
    expect(listed.split('; ').map((problem) => problem.split(':')[0])).toEqual([
      'instanceId',
      'commands[0]',
      'commands[1]',
      'timeoutSeconds',
      'surprise',
    ]);
    expect(listed).not.toContain('hunter2');
  });

  it('cuts an endless list of problems short', () => {
    const listed = problems({ instanceId, commands: Array.from({ length: 900 }, () => 5) });
    expect(listed).toMatch(/; and 850 more$/);
    expect(listed.length).toBeLessThan(32_768);
  });

  it('passes hostile text on as it is given, or refuses it', () =>
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1 }), (commands) => {
        const result = RunCommandRequest.safeParse({ instanceId, commands });
        if (result.success) expect(result.data.commands).toEqual(commands);
        else expect(problemsOf(result.error)).toMatch(/must not be blank|NUL|\{\{/);
      }),
    ));

  it.each(['\'"`$(reboot)`\\', 'a\r\nb\n', '#!/bin/bash\n:(){ :|:& };:', '}} {{', '\u202e\u0301\u{1f600}'])(
    'accepts %j',
    (command) => expect(RunCommandRequest.parse({ instanceId, commands: [command] }).commands).toEqual([command]),
  );
});
