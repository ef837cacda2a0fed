import { describe, expect, it } from '@jest/globals';
import { after, awsError, COMMAND, CONTEXT, EXECUTION, fakeAws, INSTANCE, START } from './support.ts';
import { handler } from '../../functions/check-invocation.ts';

const check = (seconds = 10) =>
  handler(
    {
      execution: EXECUTION,
      commandId: COMMAND,
      instanceId: INSTANCE,
      timeoutSeconds: 3600,
      sentAt: START,
      now: after(seconds),
    },
    CONTEXT,
  );
const invocation = (answer: object) => fakeAws({ GetCommandInvocation: () => answer });
const missing = () => fakeAws({ GetCommandInvocation: () => Promise.reject(awsError('InvocationDoesNotExist')) });

describe('check-invocation', () => {
  it.each(['Pending', 'InProgress', 'Delayed', 'Cancelling'])('waits while it is %s', async (Status) => {
    invocation({ Status });
    expect(await check(80)).toEqual({ status: 'Pending', waitSeconds: 10 });
  });

  it('waits while SSM does not show it yet, for a minute', async () => {
    missing();
    expect(await check(2)).toEqual({ status: 'Pending', waitSeconds: 2 });
    await expect(check(61)).rejects.toMatchObject({ name: 'CommandStateUnknown' });
  });

  it('ends at the deadline, by a last look', async () => {
    invocation({ Status: 'InProgress' });
    expect(await check(3599)).toEqual({ status: 'Pending', waitSeconds: 1 });
    await expect(check(3600)).rejects.toMatchObject({ name: 'CommandTimedOut' });
    invocation({ Status: 'Success', StatusDetails: 'Success', ResponseCode: 0 });
    expect(await check(3600)).toMatchObject({ status: 'Finished' });
  });

  it.each([
    ['Success', 'Success', 0],
    ['Failed', 'Failed', 3],
    ['Cancelled', 'Cancelled', -1],
  ])('finishes with %s', async (Status, StatusDetails, ResponseCode) => {
    invocation({ Status, StatusDetails, ResponseCode, StandardOutputContent: 'out', StandardErrorContent: 'err' });
    expect(await check()).toEqual({
      status: 'Finished',
      outcome: {
        status: Status,
        statusDetails: StatusDetails,
        exitCode: ResponseCode,
        stdout: 'out',
        stderr: 'err',
        stdoutTruncated: false,
        commandId: COMMAND,
        instanceId: INSTANCE,
      },
    });
  });

  it.each([
    ['Failed', 'Undeliverable', 'Undeliverable'],
    ['TimedOut', 'DeliveryTimedOut', 'DeliveryTimedOut'],
    ['TimedOut', 'Delivery Timed Out', 'DeliveryTimedOut'],
    ['Failed', 'AccessDenied', 'AccessDenied'],
    ['Failed', 'InvalidPlatform', 'InvalidPlatform'],
    ['Cancelled', 'Terminated', 'Terminated'],
    ['TimedOut', 'ExecutionTimedOut', 'CommandTimedOut'],
    ['TimedOut', 'TimedOut', 'CommandTimedOut'],
  ])('tells %s by %s: %s', async (Status, StatusDetails, name) => {
    invocation({ Status, StatusDetails });
    await expect(check()).rejects.toMatchObject({ name });
  });

  it.each([
    ['x'.repeat(24_000), true],
    ['x\n---Output truncated---\n', true],
    ['x'.repeat(23_999), false],
  ])('says whether the output was cut', async (StandardOutputContent, stdoutTruncated) => {
    invocation({ Status: 'Success', StandardOutputContent });
    expect(await check()).toMatchObject({ outcome: { stdoutTruncated } });
  });

  it('does not take a status that AWS has yet to invent', async () => {
    invocation({ Status: 'Paused' });
    await expect(check()).rejects.toMatchObject({
      name: 'UnexpectedResult',
      message: expect.stringContaining('outcome.status'),
    });
  });
});
