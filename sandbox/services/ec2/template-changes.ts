import type * as ec2 from '@aws-sdk/client-ec2';
import { AwsError } from '../../core/aws-error.ts';
import { only } from '../../core/only.ts';
import { type Operation, operation } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import { defined } from './defined.ts';
import { refuseDryRun } from './dry-run.ts';
import { Idempotency } from './idempotency.ts';
import type { LaunchTemplate, LaunchTemplates, TemplateVersion } from './launch-templates.ts';
import { onlyTagged, specifiedTags } from './tags.ts';
import { TemplatePermissions } from './template-permissions.ts';
import { templateShape, versionShape } from './template-shapes.ts';

const NAMING = ['LaunchTemplateId', 'LaunchTemplateName', 'DryRun'];

/** The operations that make, change and delete launch templates (API reference, version 2016-11-15). */
export function templateChanges(world: World, templates: LaunchTemplates): Readonly<Record<string, Operation>> {
  const permissions = new TemplatePermissions(world, templates);
  const created = new Idempotency<LaunchTemplate>();
  const added = new Idempotency<TemplateVersion>();

  return {
    CreateLaunchTemplate: operation<ec2.CreateLaunchTemplateCommandInput, ec2.CreateLaunchTemplateCommandOutput>(
      (input) => permissions.create(specifiedTags(input.TagSpecifications, 'launch-template')),
      (input, { caller }) => {
        only('ec2:CreateLaunchTemplate', input, [
          'ClientToken',
          'DryRun',
          'LaunchTemplateData',
          'LaunchTemplateName',
          'TagSpecifications',
          'VersionDescription',
        ]);
        const name = checkedName(input.LaunchTemplateName);
        const data = checkedData(templates, input.LaunchTemplateData);
        onlyTagged(input.TagSpecifications, ['launch-template']);
        const tags = specifiedTags(input.TagSpecifications, 'launch-template');
        const before = created.find(input);
        refuseDryRun(input);
        const create = () =>
          templates.create({ name, data, tags, description: input.VersionDescription, createdBy: caller.arn });
        return { LaunchTemplate: templateShape(before ?? created.remember(input, create())) };
      },
    ),
    CreateLaunchTemplateVersion: operation<
      ec2.CreateLaunchTemplateVersionCommandInput,
      ec2.CreateLaunchTemplateVersionCommandOutput
    >(
      (input) => permissions.on('CreateLaunchTemplateVersion', input),
      (input, { caller }) => {
        only('ec2:CreateLaunchTemplateVersion', input, [
          ...NAMING,
          'ClientToken',
          'LaunchTemplateData',
          'ResolveAlias',
          'SourceVersion',
          'VersionDescription',
        ]);
        const template = templates.find(input);
        const given = checkedData(templates, input.LaunchTemplateData);
        const source =
          input.SourceVersion === undefined
            ? {}
            : withoutSnapshots(templates.version(template, input.SourceVersion).data);
        const before = added.find(input);
        refuseDryRun(input);
        const add = () =>
          templates.addVersion(template, {
            data: { ...source, ...defined(given) },
            description: input.VersionDescription,
            createdBy: caller.arn,
          });
        const version = before ?? added.remember(input, add());
        return { LaunchTemplateVersion: versionShape(template, templates.shown(version, input.ResolveAlias)) };
      },
    ),
    ModifyLaunchTemplate: operation<ec2.ModifyLaunchTemplateCommandInput, ec2.ModifyLaunchTemplateCommandOutput>(
      (input) => permissions.on('ModifyLaunchTemplate', input),
      (input) => {
        // The same default twice is the same, so a client token has nothing to do.
        only('ec2:ModifyLaunchTemplate', input, [...NAMING, 'ClientToken', 'DefaultVersion']);
        const template = templates.find(input);
        const { number } = templates.version(template, input.DefaultVersion);
        refuseDryRun(input);
        template.defaultVersion = number;
        return { LaunchTemplate: templateShape(template) };
      },
    ),
    DeleteLaunchTemplate: operation<ec2.DeleteLaunchTemplateCommandInput, ec2.DeleteLaunchTemplateCommandOutput>(
      (input) => permissions.on('DeleteLaunchTemplate', input),
      (input) => {
        only('ec2:DeleteLaunchTemplate', input, NAMING);
        const template = templates.find(input);
        refuseDryRun(input);
        templates.remove(template);
        return { LaunchTemplate: templateShape(template) };
      },
    ),
    DeleteLaunchTemplateVersions: operation<
      ec2.DeleteLaunchTemplateVersionsCommandInput,
      ec2.DeleteLaunchTemplateVersionsCommandOutput
    >(
      (input) => permissions.on('DeleteLaunchTemplateVersions', input),
      (input) => {
        only('ec2:DeleteLaunchTemplateVersions', input, [...NAMING, 'Versions']);
        const template = templates.find(input);
        refuseDryRun(input);
        const results = (input.Versions ?? []).map((version) => deleted(template, Number(version)));
        return {
          SuccessfullyDeletedLaunchTemplateVersions: results.filter(({ ResponseError }) => ResponseError === undefined),
          UnsuccessfullyDeletedLaunchTemplateVersions: results.filter(
            ({ ResponseError }) => ResponseError !== undefined,
          ),
        };
      },
    ),
  };
}

/** "Snapshots applied to the block device mapping are ignored when creating a new version unless they are explicitly included." */
function withoutSnapshots(data: ec2.ResponseLaunchTemplateData): ec2.ResponseLaunchTemplateData {
  if (data.BlockDeviceMappings === undefined) return data;
  return {
    ...data,
    BlockDeviceMappings: data.BlockDeviceMappings.map((mapping) =>
      mapping.Ebs === undefined ? mapping : { ...mapping, Ebs: { ...mapping.Ebs, SnapshotId: undefined } },
    ),
  };
}

function checkedName(name = ''): string {
  if (!/^[a-zA-Z0-9().\-/_]{3,128}$/.test(name))
    throw new AwsError(
      'InvalidLaunchTemplateName.MalformedException',
      'A launch template name must be between 3 and 128 characters, and may contain letters, numbers, and the following characters: - ( ) . / _.',
    );
  return name;
}

/** A parameter that the AMI comes from is looked up when a version is made; nothing else is checked before the launch. */
function checkedData(
  templates: LaunchTemplates,
  data: ec2.RequestLaunchTemplateData | undefined,
): ec2.RequestLaunchTemplateData {
  if (data === undefined || Object.values(data).every((value) => value === undefined))
    throw new AwsError('MissingParameter', 'The request must contain the parameter LaunchTemplateData');
  if (data.ImageId !== undefined) templates.imageId(data.ImageId);
  onlyTagged(data.TagSpecifications, ['instance', 'volume', 'network-interface', 'spot-instances-request']);
  return data;
}

function deleted(template: LaunchTemplate, number: number): ec2.DeleteLaunchTemplateVersionsResponseErrorItem {
  const item = { LaunchTemplateId: template.id, LaunchTemplateName: template.name, VersionNumber: number };
  if (number === template.defaultVersion)
    return {
      ...item,
      ResponseError: { Code: 'unexpectedError', Message: `Cannot delete the default version ${number}.` },
    };
  if (template.versions.delete(number)) return item;
  return {
    ...item,
    ResponseError: {
      Code: 'launchTemplateVersionDoesNotExist',
      Message: `Could not find the specified version ${number} for the launch template with ID ${template.id}.`,
    },
  };
}
