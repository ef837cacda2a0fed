import * as z from 'zod';
import { provisioner, type Provisioners } from '../../core/resources.ts';
import { Tags } from '../iam/policy-schema.ts';
import { checkDefinition } from './associations-definition.ts';
import type { Associations } from './associations-store.ts';
import { definitionOf } from './associations-operations.ts';
import type { ParameterStore } from './parameter-store.ts';

const Texts = z.array(z.string());

const S3Location = z.strictObject({
  OutputS3Region: z.string().optional(),
  OutputS3BucketName: z.string().optional(),
  OutputS3KeyPrefix: z.string().optional(),
});

/** InstanceId, CalendarNames, ScheduleOffset and WaitForSuccessTimeoutSeconds are refused. */
const Properties = z.strictObject({
  Name: z.string(),
  AssociationName: z.string().optional(),
  DocumentVersion: z.string().optional(),
  Parameters: z.record(z.string(), Texts).optional(),
  Targets: z.array(z.strictObject({ Key: z.string(), Values: Texts })).optional(),
  ScheduleExpression: z.string().optional(),
  OutputLocation: z.strictObject({ S3Location: S3Location.optional() }).optional(),
  AutomationTargetParameterName: z.string().optional(),
  MaxErrors: z.string().optional(),
  MaxConcurrency: z.string().optional(),
  ComplianceSeverity: z.enum(['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'UNSPECIFIED']).optional(),
  SyncCompliance: z.enum(['AUTO', 'MANUAL']).optional(),
  ApplyOnlyAtCronInterval: z.boolean().optional(),
  Tags: Tags.optional(),
});

/** `AWS::SSM::Association`: Ref is its id, which is also its attribute `AssociationId`. */
export function associationResources(associations: Associations, parameters: ParameterStore): Provisioners {
  return {
    'AWS::SSM::Association': provisioner(Properties, ({ Tags: tags = [], ...given }) => {
      const definition = definitionOf(given);
      checkDefinition(definition, parameters);
      const { id } = associations.create(definition, new Map(tags.map(({ Key, Value }) => [Key, Value])));
      return { ref: id, attributes: { AssociationId: id } };
    }),
  };
}
