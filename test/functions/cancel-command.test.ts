import { describe, expect, it } from '@jest/globals';
import { marker } from '../../functions/lib/marker.ts';
import { after, COMMAND, CONTEXT, EXECUTION, fakeAws, INSTANCE, START } from './support.ts';
import { handler } from '../../functions/cancel-command.ts';

const ours = { CommandId: COMMAND, Comment: marker(EXECUTION.arn) };
const cancel = (change: object = {}) =>
  handler(
    {
      execution: EXECUTION,
      commandId: COMMAND,
      instanceId: INSTANCE,
      startedAt: START,
      since: after(100),
      now: after(100),
      ...change,
    },
    CONTEXT,
  );

function listing(...commands: readonly object[]) {
  const calls = fakeAws({ ListCommands: () => ({ Commands: commands }), CancelCommand: () => ({}) });
  return {
    cancelled: () => calls.filter(({ operation }) => operation === 'CancelCommand').map(({ input }) => input),
    calls,
  };
}

describe('cancel-command', () => {
  it.each(['Pending', 'InProgress'])('cancels a command that is %s and asks to be asked again', async (Status) => {
    const { cancelled } = listing({ ...ours, Status });
    expect(await cancel()).toEqual({ status: 'Pending', waitSeconds: 5 });
    expect(cancelled()).toEqual([{ CommandId: COMMAND }]);
  });

  it('cancels a command that the list does not show yet', async () => {
    const { cancelled } = listing();
    expect(await cancel()).toEqual({ status: 'Pending', waitSeconds: 5 });
    expect(cancelled()).toEqual([{ CommandId: COMMAND }]);
  });

  it('finds it by its Comment where the id was lost', async () => {
    const { cancelled, calls } = listing(
      { CommandId: 'other', Comment: 'x', Status: 'InProgress' },
      { ...ours, Status: 'InProgress' },
    );
    expect(await cancel({ commandId: null })).toEqual({ status: 'Pending', waitSeconds: 5 });
    expect(calls[0]?.input).toMatchObject({
      InstanceId: INSTANCE,
      Filters: [{ key: 'InvokedAfter', value: '2026-01-05T08:59:00Z' }],
    });
    expect(cancelled()).toEqual([{ CommandId: COMMAND }]);
  });

  it('searches the whole account where the instance is not known', async () => {
    const { calls } = listing({ ...ours, Status: 'Cancelled' });
    const late = { commandId: null, instanceId: null, now: after(161) };
    expect(await cancel(late)).toEqual({ status: 'Cancelled', commandId: COMMAND });
    expect(calls[0]?.input['InstanceId']).toBeUndefined();
  });

  it('looks for a minute for more commands of a run that sends many, and cancels each that has not ended', async () => {
    const other = { ...ours, CommandId: COMMAND.replace('6f', '7f') };
    const { cancelled } = listing({ ...ours, Status: 'Success' }, { ...other, Status: 'InProgress' });
    expect(await cancel({ commandId: null, instanceId: null })).toMatchObject({ status: 'Pending' });
    expect(cancelled()).toEqual([{ CommandId: other.CommandId }]);
    const late = await cancel({ commandId: null, instanceId: null, now: after(161) });
    expect(late).toEqual({ status: 'MayBeRunning', commandId: other.CommandId });
  });

  it.each([
    ['Cancelled', { status: 'Cancelled', commandId: COMMAND }],
    ['Success', { status: 'AlreadyFinished', commandId: COMMAND, statusDetails: 'Success' }],
    ['Failed', { status: 'AlreadyFinished', commandId: COMMAND, statusDetails: 'Failed' }],
    ['TimedOut', { status: 'AlreadyFinished', commandId: COMMAND, statusDetails: 'TimedOut' }],
    ['Cancelling', { status: 'Pending', waitSeconds: 5 }],
  ])('does nothing to a command that is %s', async (Status, answer) => {
    const { cancelled } = listing({ ...ours, Status, StatusDetails: Status });
    expect(await cancel()).toEqual(answer);
    expect(cancelled()).toEqual([]);
  });

  it('says after a minute that it may be running', async () => {
    listing({ ...ours, Status: 'Cancelling' });
    expect(await cancel({ now: after(160) })).toEqual({ status: 'MayBeRunning', commandId: COMMAND });
  });

  it('searches for a minute before it says that there is none', async () => {
    listing();
    expect(await cancel({ commandId: null, now: after(120) })).toEqual({ status: 'Pending', waitSeconds: 20 });
    expect(await cancel({ commandId: null, now: after(160) })).toEqual({ status: 'NotFound' });
  });

  it('knows that a request without an instance id has sent nothing', async () => {
    const { calls } = listing();
    expect(await cancel({ commandId: null, instanceId: 'nonsense' })).toEqual({ status: 'NotFound' });
    expect(calls).toEqual([]);
  });
});
