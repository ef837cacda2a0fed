import type * as ec2 from '@aws-sdk/client-ec2';
import { AwsError } from '../../core/aws-error.ts';
import { only } from '../../core/only.ts';
import { type Operation, operation } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import { refuseDryRun } from './dry-run.ts';
import type { LaunchTemplate, LaunchTemplates, TemplateVersion } from './launch-templates.ts';
import { type FilterValues, page, passing } from './queries.ts';
import { parameterPermissions } from './run-permissions.ts';
import { templateShape, versionShape } from './template-shapes.ts';

interface Row {
  readonly template: LaunchTemplate;
  readonly version: TemplateVersion;
  readonly tags: ReadonlyMap<string, string>;
}

const iso = (time: number): string => new Date(time).toISOString();

const TEMPLATE_FILTERS: FilterValues<LaunchTemplate> = {
  'create-time': ({ createTime }) => [iso(createTime)],
  'launch-template-name': ({ name }) => [name],
};

const text = (value: boolean | string | undefined): readonly (string | undefined)[] => [
  value === undefined ? undefined : String(value),
];

const VERSION_FILTERS: FilterValues<Row> = {
  'create-time': ({ version }) => [iso(version.createTime)],
  'ebs-optimized': ({ version }) => text(version.data.EbsOptimized),
  'http-endpoint': ({ version }) => text(version.data.MetadataOptions?.HttpEndpoint),
  'http-tokens': ({ version }) => text(version.data.MetadataOptions?.HttpTokens),
  'iam-instance-profile': ({ version }) => text(version.data.IamInstanceProfile?.Arn),
  'image-id': ({ version }) => text(version.data.ImageId),
  'instance-type': ({ version }) => text(version.data.InstanceType),
  'is-default-version': ({ template, version }) => text(version.number === template.defaultVersion),
};

const ALIASES = ['$Latest', '$Default'];

/** The operations that read launch templates (API reference, version 2016-11-15). */
export function templateQueries(world: World, templates: LaunchTemplates): Readonly<Record<string, Operation>> {
  return {
    DescribeLaunchTemplates: operation<
      ec2.DescribeLaunchTemplatesCommandInput,
      ec2.DescribeLaunchTemplatesCommandOutput
    >(
      () => [{ action: 'ec2:DescribeLaunchTemplates', resource: '*' }],
      (input) => {
        only('ec2:DescribeLaunchTemplates', input, [
          ...['DryRun', 'LaunchTemplateIds', 'LaunchTemplateNames', 'Filters', 'MaxResults', 'NextToken'],
        ]);
        refuseDryRun(input);
        const found = chosen(templates, input).filter(passing(input.Filters, TEMPLATE_FILTERS));
        const { items, NextToken } = page(found, input, 1, 200);
        return { LaunchTemplates: items.map(templateShape), NextToken };
      },
    ),
    DescribeLaunchTemplateVersions: operation<
      ec2.DescribeLaunchTemplateVersionsCommandInput,
      ec2.DescribeLaunchTemplateVersionsCommandOutput
    >(
      (input) => [
        { action: 'ec2:DescribeLaunchTemplateVersions', resource: '*' },
        ...(input.ResolveAlias === true
          ? rowsOf(templates, input).flatMap(({ version }) => parameterPermissions(world, version.data.ImageId))
          : []),
      ],
      (input) => {
        only('ec2:DescribeLaunchTemplateVersions', input, [
          ...['DryRun', 'LaunchTemplateId', 'LaunchTemplateName', 'Versions', 'MinVersion', 'MaxVersion'],
          ...['Filters', 'MaxResults', 'NextToken', 'ResolveAlias'],
        ]);
        refuseDryRun(input);
        const found = rowsOf(templates, input).filter(passing(input.Filters, VERSION_FILTERS));
        const { items, NextToken } = page(found, input, 1, 200);
        return {
          LaunchTemplateVersions: items.map(({ template, version }) =>
            versionShape(template, templates.shown(version, input.ResolveAlias)),
          ),
          NextToken,
        };
      },
    ),
  };
}

function chosen(
  templates: LaunchTemplates,
  { LaunchTemplateIds: ids = [], LaunchTemplateNames: names = [] }: ec2.DescribeLaunchTemplatesCommandInput,
): LaunchTemplate[] {
  if (ids.length > 0 && names.length > 0)
    throw new AwsError('InvalidParameterCombination', 'Launch template IDs and names cannot be specified together.');
  if (ids.length > 0) return ids.map((id) => templates.find({ LaunchTemplateId: id }));
  if (names.length === 0) return [...templates.all.values()];
  const missing = names.some((name) => !templates.has(name));
  if (missing)
    throw new AwsError(
      'InvalidLaunchTemplateName.NotFoundException',
      'At least one of the launch templates specified in the request does not exist.',
    );
  return names.map((name) => templates.find({ LaunchTemplateName: name }));
}

/** The versions that are asked for, the newest first; `$Latest` and `$Default` of all templates where none is named. */
function rowsOf(templates: LaunchTemplates, input: ec2.DescribeLaunchTemplateVersionsCommandInput): Row[] {
  const { Versions: versions = [], MinVersion: least, MaxVersion: most } = input;
  const named = input.LaunchTemplateId !== undefined || input.LaunchTemplateName !== undefined;
  if (!named && (versions.length === 0 || versions.some((version) => !ALIASES.includes(version))))
    throw new AwsError(
      'InvalidParameterCombination',
      'Without a launch template ID or name, only the versions $Latest and $Default can be described.',
    );
  const rows = (named ? [templates.find(input)] : [...templates.all.values()]).flatMap((template) => {
    const all =
      versions.length === 0
        ? [...template.versions.values()]
        : [...new Set(versions.map((version) => templates.version(template, version)))];
    return all
      .filter(({ number }) => number >= Number(least ?? 0) && number <= Number(most ?? Infinity))
      .sort((one, other) => other.number - one.number)
      .map((version): Row => ({ template, version, tags: template.tags }));
  });
  return rows;
}
