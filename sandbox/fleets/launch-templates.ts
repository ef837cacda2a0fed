import * as z from 'zod';
import type { Ec2Store } from '../services/ec2/index.ts';
import { outputOf, type Outputs } from './outputs.ts';
import { instanceType, profile, tags } from './parts.ts';

/** What a version of a launch template says; what it leaves out is as in the version before. */
const version = z.strictObject({
  /** An AMI by its name in the file. */
  image: z.string().optional(),
  /** An AMI by its id, or by the parameter that holds it. */
  imageId: z
    .string()
    .regex(/^(?:ami-[0-9a-f]{17}|resolve:ssm:.+)$/, 'an AMI id, or resolve:ssm: and the name of a parameter')
    .optional(),
  type: instanceType.optional(),
  profile: profile.optional(),
  /** Of the instances. */
  tags: tags.optional(),
  description: z.string().optional(),
});

/** A launch template of a fleet file: its first version, and further ones. */
export const FleetLaunchTemplate = version.extend({
  templateTags: tags.default({}),
  versions: z.array(version).default([]),
  defaultVersion: z.int().min(1).default(1),
});
type FleetLaunchTemplate = z.output<typeof FleetLaunchTemplate>;
type Version = z.output<typeof version>;

export const LaunchTemplateName = z
  .string()
  .regex(/^[a-zA-Z0-9().\-/_]{3,128}$/, 'a launch template name is 3 to 128 letters, digits and ( ) . - / _');

interface Problem {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly input: unknown;
}

/** What does not fit in a launch template of a file with these images. */
export function launchTemplateProblems(template: FleetLaunchTemplate, images: object): Problem[] {
  const versions = versionsOf(template);
  const problems = versions.flatMap((each, index): Problem[] => {
    const path = index === 0 ? [] : ['versions', index - 1];
    const names = Object.keys(images);
    const problem = (member: string, message: string, input: unknown) => ({ path: [...path, member], message, input });
    return [
      ...(each.image !== undefined && each.imageId !== undefined
        ? [problem('imageId', 'give image or imageId, not both', each.imageId)]
        : []),
      ...(each.image !== undefined && !names.includes(each.image)
        ? [problem('image', `no such image; the file has ${names.join(', ')}`, each.image)]
        : []),
    ];
  });
  if (template.defaultVersion <= versions.length) return problems;
  const message = `there are ${versions.length} versions`;
  return [...problems, { path: ['defaultVersion'], message, input: template.defaultVersion }];
}

/** The entry itself is the first version. */
const versionsOf = (template: FleetLaunchTemplate): readonly [Version, ...Version[]] => [
  template,
  ...template.versions,
];

interface Surroundings {
  readonly ec2: Ec2Store;
  readonly images: Readonly<Record<string, { readonly id: string }>>;
  readonly outputs: Outputs;
}

/** Makes a launch template with its versions. */
export function addLaunchTemplate(name: string, template: FleetLaunchTemplate, on: Surroundings): void {
  const [first, ...rest] = versionsOf(template);
  const createdBy = 'fleet file';
  let data = dataOf(first, on);
  const made = on.ec2.templates.create({
    ...{ name, data, createdBy },
    description: first.description,
    tags: template.templateTags,
  });
  for (const each of rest) {
    data = { ...data, ...dataOf(each, on) };
    on.ec2.templates.addVersion(made, { data, createdBy, description: each.description });
  }
  made.defaultVersion = template.defaultVersion;
}

type Data = Parameters<Ec2Store['templates']['create']>[0]['data'];

function dataOf({ image, imageId, type, profile: given, tags: all }: Version, { images, outputs }: Surroundings): Data {
  const ImageId = image === undefined ? imageId : images[image]?.id;
  const instanceTags = Object.entries(all ?? {}).map(([Key, Value]) => ({ Key, Value }));
  return {
    ...(ImageId === undefined ? {} : { ImageId }),
    ...(type === undefined ? {} : { InstanceType: type as Data['InstanceType'] }),
    ...(given === undefined ? {} : { IamInstanceProfile: { Name: outputOf(given, outputs) } }),
    ...(all === undefined ? {} : { TagSpecifications: [{ ResourceType: 'instance', Tags: instanceTags }] }),
  };
}
