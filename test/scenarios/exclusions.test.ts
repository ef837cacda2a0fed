import { describe, expect, it } from '@jest/globals';
import { inLab, type Lab } from '../support/lab.ts';
import { machines } from '../support/fleet.ts';

const request = { instanceId: machines.web, commands: ['true'] };
const exclude = (lab: Lab, Value: string) =>
  lab.call('ssm', 'PutParameter', { Name: lab.output('ExclusionsParameterName'), Value, Overwrite: true });

describe('exclusions', () => {
  it('are heeded as the parameter is written, and no longer', () =>
    inLab({}, async (lab) => {
      await exclude(lab, JSON.stringify({ instances: [machines.web], reason: 'audit' }));
      expect(await lab.run('RunCommand', request)).toMatchObject({
        error: 'TargetNotAllowed',
        cause: expect.stringContaining('is excluded by the parameter /fleetwright/dev/exclusions (audit)') as unknown,
      });
      expect(await lab.commands()).toEqual([]);
      await exclude(lab, '{}');
      expect((await lab.run('RunCommand', request)).status).toBe('SUCCEEDED');
    }));

  it('that cannot be read stop everything, and say how to go on', () =>
    inLab({}, async (lab) => {
      await exclude(lab, '{"instances": "all"}');
      const malformed = await lab.run('RunCommand', request);
      expect(malformed).toMatchObject({ error: 'ExclusionsUnreadable' });
      expect(malformed.cause).toContain('instances: ');
      await lab.call('ssm', 'DeleteParameter', { Name: lab.output('ExclusionsParameterName') });
      const missing = await lab.run('RunCommand', request);
      expect(missing).toMatchObject({ error: 'ExclusionsUnreadable' });
      expect(missing.cause).toContain(
        "put-parameter --overwrite --name /fleetwright/dev/exclusions --type String --value '{}'",
      );
      expect(await lab.commands()).toEqual([]);
    }));

  it('are heeded as the tag of the instance says', () =>
    inLab({}, async (lab) => {
      const Tags = [{ Key: 'fleetwright:exclude', Value: 'true' }];
      await lab.call('ec2', 'CreateTags', { Resources: [machines.web], Tags });
      expect(await lab.run('RunCommand', request)).toMatchObject({ error: 'TargetNotAllowed' });
    }));
});
