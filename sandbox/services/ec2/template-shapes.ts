import type * as ec2 from '@aws-sdk/client-ec2';
import type { LaunchTemplate, TemplateVersion } from './launch-templates.ts';
import { tagList } from './shapes.ts';

/** API reference: LaunchTemplate. */
export const templateShape = (template: LaunchTemplate): ec2.LaunchTemplate => ({
  LaunchTemplateId: template.id,
  LaunchTemplateName: template.name,
  CreateTime: new Date(template.createTime),
  CreatedBy: template.createdBy,
  DefaultVersionNumber: template.defaultVersion,
  LatestVersionNumber: Math.max(...template.versions.keys()),
  Tags: tagList(template.tags),
});

/** API reference: LaunchTemplateVersion. */
export const versionShape = (
  { id, name, defaultVersion }: LaunchTemplate,
  { number, description, createTime, createdBy, data }: TemplateVersion,
): ec2.LaunchTemplateVersion => ({
  LaunchTemplateId: id,
  LaunchTemplateName: name,
  VersionNumber: number,
  VersionDescription: description,
  CreateTime: new Date(createTime),
  CreatedBy: createdBy,
  DefaultVersion: number === defaultVersion,
  LaunchTemplateData: data,
});
