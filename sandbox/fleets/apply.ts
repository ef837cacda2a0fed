import { buildTree, Disk, MachineFs } from '../agent/index.ts';
import type { World } from '../core/world.ts';
import type { AutoScaling } from '../services/autoscaling/index.ts';
import type { Ec2Store, Instance } from '../services/ec2/index.ts';
import type { Keys } from '../services/kms/index.ts';
import type { Alarms } from '../services/cloudwatch/index.ts';
import type { ParameterStore } from '../services/ssm/index.ts';
import { addAutoScalingGroups } from './auto-scaling-groups.ts';
import { imageOf, imageProblems, softwareOf } from './images.ts';
import { addKeys, keyProblems } from './keys.ts';
import { addLaunchTemplate } from './launch-templates.ts';
import { FleetError } from './load.ts';
import { noOutput, outputOf } from './outputs.ts';
import type { Fleet, FleetInstance } from './schema.ts';
import { resolvedUser, userProblems, type FleetUser } from './users.ts';

export interface FleetTargets {
  readonly world: World;
  readonly ec2: Ec2Store;
  readonly autoscaling: AutoScaling;
  readonly parameters: ParameterStore;
  readonly alarms: Alarms;
  readonly keys: Keys;
  /** The outputs of the stacks, by which a fleet file may name instance profiles, and what its users may do. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly hasProfile: (nameOrArn: string) => boolean;
  /** Rejects with an Error for a malformed policy. */
  readonly addUser: (user: FleetUser) => Promise<void>;
}

/**
 * Puts what a fleet file describes into the account. Call it once the stacks stand, for their outputs. Throws
 * FleetError, before anything is launched, naming each instance profile and output that the stacks do not have.
 */
export async function applyFleet(fleet: Fleet, on: FleetTargets): Promise<void> {
  const problems = [
    ...Object.entries(fleet.images).flatMap(([name, image]) => imageProblems(image, `images.${name}`, on.outputs)),
    ...fleet.instances.flatMap(({ profile }, index) => profileProblems(profile, `instances[${index}]`, on)),
    ...Object.entries(fleet.launchTemplates).flatMap(([name, template]) =>
      [template, ...template.versions].flatMap(({ profile }, index) =>
        profileProblems(profile, `launchTemplates.${name}${index === 0 ? '' : `.versions[${index - 1}]`}`, on),
      ),
    ),
    ...fleet.autoScalingGroups.flatMap(({ launchConfiguration: old }, index) =>
      profileProblems(old?.profile, `autoScalingGroups[${index}].launchConfiguration`, on),
    ),
    ...keyProblems(fleet.keys, on.outputs),
    ...fleet.users.flatMap((user, index) => userProblems(user, `users[${index}]`, on.outputs)),
  ];
  if (problems.length > 0) throw new FleetError(`The fleet does not fit the stacks:\n${problems.join('\n')}`);
  for (const user of fleet.users) await on.addUser(resolvedUser(user, on.outputs));
  addKeys(fleet.keys, on.keys, on);
  for (const [name, image] of Object.entries(fleet.images)) on.ec2.addImage(imageOf(name, image, on));
  for (const [name, template] of Object.entries(fleet.launchTemplates))
    addLaunchTemplate(name, template, { ...on, images: fleet.images });
  for (const instance of fleet.instances) await launch(fleet, instance, on);
  for (const [name, parameter] of Object.entries(fleet.parameters))
    if (!isPublic(name)) on.parameters.place({ name, ...parameter });
  for (const [name, { state }] of Object.entries(fleet.alarms)) on.alarms.place(name, state);
  // Last, because their templates may take the AMI from a parameter.
  for (const group of fleet.autoScalingGroups) addAutoScalingGroups(group, { ...on, images: fleet.images });
}

const isPublic = (name: string): boolean => name.startsWith('/aws/');

/** Puts the public parameters of a fleet file there. Call it before the stacks are made, whose templates may name them. */
export function publishParameters(fleet: Fleet, parameters: ParameterStore): void {
  for (const [name, parameter] of Object.entries(fleet.parameters))
    if (isPublic(name)) parameters.place({ name, ...parameter });
}

type Profile = FleetInstance['profile'];

function profileProblems(profile: Profile, at: string, { outputs, hasProfile }: FleetTargets): string[] {
  if (profile === undefined) return [];
  const name = outputOf(profile, outputs);
  if (typeof profile === 'object' && name === undefined) return [noOutput(`${at}.profile.output`, profile, outputs)];
  if (name !== undefined && hasProfile(name)) return [];
  const place = typeof profile === 'object' ? 'profile.output' : 'profile';
  return [`  ${at}.${place}: no instance profile of the stacks has the name ("${name ?? ''}" given)`];
}

async function launch(fleet: Fleet, given: FleetInstance, on: FleetTargets): Promise<void> {
  const image = fleet.images[given.image];
  if (image === undefined) throw new Error(`no image ${given.image}`);
  const software = softwareOf(image, given); // one object for all that are alike
  const profile = given.profile === undefined ? undefined : outputOf(given.profile, on.outputs);
  for (let number = 1; number <= (given.count ?? 1); number++) {
    const { tags, agent, state, files } = varied(given, number);
    const instance = on.ec2.launch({
      imageId: image.id,
      instanceType: given.type,
      ...(given.id === undefined ? {} : { instanceId: given.id }),
      ...(profile === undefined ? {} : { instanceProfile: profile }),
      tags: { Name: given.count === undefined ? given.name : `${given.name}-${number}`, ...tags },
      software,
      agent,
      state,
      uptimeSeconds: given.uptimeSeconds,
    });
    await fill({ ...given, files }, instance, on);
  }
}

type Varied = Pick<FleetInstance, 'tags' | 'agent' | 'state' | 'files'>;

/** What the machine of that number is like, by the rules that strike it in their order. */
function varied(given: FleetInstance, number: number): Varied {
  const { vary, autoScalingGroup: group, tags, agent, state, files } = given;
  const asAll: Varied = {
    tags: group === undefined ? tags : { ...tags, 'aws:autoscaling:groupName': group },
    agent,
    state,
    files,
  };
  return vary
    .filter(({ every, offset = every }) => number % every === offset % every)
    .reduce(
      (machine, rule) => ({
        tags: { ...machine.tags, ...rule.tags },
        agent: rule.agent ?? machine.agent,
        state: rule.state ?? machine.state,
        files: { ...machine.files, ...rule.files },
      }),
      asAll,
    );
}

/** Attaches the data volumes, and writes the instance's own files and fstab to its root disk. */
async function fill(given: FleetInstance, instance: Instance, { world, ec2 }: FleetTargets): Promise<void> {
  if (given.volumes.length === 0 && Object.keys(given.files).length === 0) return; // shares its image's disk until it writes
  const [root] = ec2.volumesOf(instance.instanceId);
  if (root === undefined) throw new Error(`${instance.instanceId} has no root volume`);
  const fs = new MachineFs(root.disk, () => instance.launchTime);
  for (const [path, file] of Object.entries(given.files)) await write(fs, path, file);
  for (const { device, sizeGiB, label, mountPoint, files, tags } of given.volumes) {
    const disk = new Disk(buildTree(files, instance.launchTime), world.random.uuid(), label);
    const volume = ec2.createVolume(sizeGiB, instance.availabilityZone, disk, instance.launchTime);
    for (const [key, value] of Object.entries(tags)) volume.tags.set(key, value);
    ec2.attach(volume, instance.instanceId, device);
    if (mountPoint === undefined) continue;
    await fs.mkdir(mountPoint, { recursive: true });
    await fs.appendFile('/etc/fstab', `UUID=${disk.uuid} ${mountPoint} xfs defaults,nofail 0 2\n`);
  }
}

async function write(fs: MachineFs, path: string, file: FleetInstance['files'][string]): Promise<void> {
  const directory = path.slice(0, Math.max(1, path.lastIndexOf('/')));
  await fs.mkdir(directory, { recursive: true });
  if (typeof file === 'string') return path.endsWith('/') ? undefined : fs.writeFile(path, file);
  if ('link' in file) return fs.symlink(file.link, path);
  await fs.writeFile(path, file.content);
  if (file.mode !== undefined) await fs.chmod(path, file.mode);
}
