import type { CreateAssociationCommandOutput } from '@aws-sdk/client-ssm';
import type { Lab } from './lab.ts';

/** Makes an association that runs a script on targets when it is started, and not by itself. Returns its id. */
export async function association(lab: Lab, Targets: object[], commands: string[], more: object = {}): Promise<string> {
  const { AssociationDescription } = await lab.call<CreateAssociationCommandOutput>('ssm', 'CreateAssociation', {
    Name: 'AWS-RunShellScript',
    Targets,
    Parameters: { commands },
    ScheduleExpression: 'cron(0 3 1 1 ? 2099)',
    ApplyOnlyAtCronInterval: true,
    ...more,
  });
  return AssociationDescription?.AssociationId ?? '';
}

export const byId = (...Values: string[]): object[] => [{ Key: 'InstanceIds', Values }];
