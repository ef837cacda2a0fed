import { ExecutionAlreadyExists } from '@aws-sdk/client-sfn';
import { afterEach, expect, it, jest } from '@jest/globals';
import { awsError, CONTEXT, fakeAws } from './support.ts';

process.env['STATE_MACHINE_ARN'] = 'arn:aws:states:eu-central-1:123456789012:stateMachine:CheckDrift-1';
const { handler } = await import('../../functions/start-scheduled.ts');
const asked = {
  schedule: 'arn:aws:scheduler:eu-central-1:123456789012:schedule/default/a-name-of-up-to-64-characters',
  scheduledTime: '2026-01-05T09:00:00Z',
};

afterEach(() => {
  jest.restoreAllMocks();
});

it('names the execution by schedule and time, without what names may not have', async () => {
  const calls = fakeAws({ StartExecution: () => ({}) });
  const answer = await handler(asked, CONTEXT);
  const name = String(calls[0]?.input['name']);
  expect(name).toMatch(/^schedule-[0-9a-f]{16}-20260105T090000Z$/);
  expect(answer).toEqual({
    status: 'Started',
    executionArn: `arn:aws:states:eu-central-1:123456789012:execution:CheckDrift-1:${name}`,
  });
});

it('starts each time once, and fails where AWS does', async () => {
  fakeAws({
    StartExecution: () => {
      throw new ExecutionAlreadyExists({ message: 'taken', $metadata: {} });
    },
  });
  expect(await handler(asked, CONTEXT)).toMatchObject({ status: 'AlreadyStarted' });
  fakeAws({
    StartExecution: () => {
      throw awsError('ThrottlingException');
    },
  });
  await expect(handler(asked, CONTEXT)).rejects.toMatchObject({ name: 'ThrottlingException' });
});
