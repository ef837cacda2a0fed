import { describe, expect, it } from '@jest/globals';
import { AMI, imageWorld } from './support.ts';

const NOBODY = 'lt-0123456789abcdef0';

async function templateWorld() {
  const on = await imageWorld();
  const createdBy = 'arn:aws:iam::123456789012:user/operator';
  const template = on.ec2.templates.create({
    name: 'web',
    data: { ImageId: AMI, InstanceType: 't3.small' },
    createdBy,
  });
  on.ec2.templates.addVersion(template, { data: { ImageId: 'resolve:ssm:/ami/web' }, createdBy });
  const put = (Value: string, DataType = 'aws:ec2:image') =>
    on.ssm.parameters.put(
      { name: '/ami/web', value: Value, type: 'String', dataType: DataType, overwrite: true },
      'me',
    );
  return { ...on, template, put };
}

describe('resolve', () => {
  it.each([
    [undefined, 1],
    ['$Default', 1],
    ['1', 1],
    ['$Latest', 2],
    ['2', 2],
  ])('finds version %s by id and by name', async (Version, version) => {
    const { ec2, template, put } = await templateWorld();
    put(AMI);
    const byId = ec2.templates.resolve({ LaunchTemplateId: template.id, Version });
    expect(byId).toMatchObject({ id: template.id, name: 'web', version, data: { ImageId: AMI } });
    expect(ec2.templates.resolve({ LaunchTemplateName: 'web', Version })).toEqual(byId);
  });

  it('takes the AMI that the parameter holds now', async () => {
    const { ec2, put } = await templateWorld();
    const imageId = () => ec2.templates.resolve({ LaunchTemplateName: 'web', Version: '2' }).data.ImageId;
    put(AMI);
    expect(imageId()).toBe(AMI);
    put('ami-0123456789abcdef0');
    expect(imageId()).toBe('ami-0123456789abcdef0');
    expect(ec2.templates.imageId('resolve:ssm:/ami/web:1')).toBe(AMI);
  });

  it.each([
    [{ LaunchTemplateId: NOBODY }, 'InvalidLaunchTemplateId.NotFound', `with template ID ${NOBODY}, does not exist.`],
    [{ LaunchTemplateId: 'web' }, 'InvalidLaunchTemplateId.Malformed', 'Invalid id: "web"'],
    [
      { LaunchTemplateName: 'db' },
      'InvalidLaunchTemplateName.NotFoundException',
      'The specified launch template, with template name db, does not exist.',
    ],
    [
      { LaunchTemplateName: 'web', Version: '7' },
      'InvalidLaunchTemplateId.VersionNotFound',
      'Could not find the specified version 7 for the launch template with ID lt-',
    ],
    [{ LaunchTemplateName: 'web', Version: 'latest' }, 'InvalidParameterValue', 'latest'],
    [{ LaunchTemplateName: 'web', LaunchTemplateId: NOBODY }, 'InvalidParameterCombination', 'but not both'],
    [{}, 'MissingParameter', 'must be specified'],
    [{ LaunchTemplateName: 'web', Version: '2' }, 'SsmInvalidParameter', 'The parameter /ami/web does not exist.'],
  ])('refuses %j', async (specification, code, message) => {
    const { ec2 } = await templateWorld();
    const resolved = () => ec2.templates.resolve(specification);
    expect(resolved).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
  });

  it('refuses a parameter of another data type', async () => {
    const { ec2, put } = await templateWorld();
    put(AMI, 'text');
    expect(() => ec2.templates.resolve({ LaunchTemplateName: 'web', Version: '2' })).toThrow(
      'Unsupported data type. The following parameter data types are supported: aws:ec2:image',
    );
  });
});

it('has one template of a name, until it is removed', async () => {
  const { ec2, template } = await templateWorld();
  const create = () => ec2.templates.create({ name: 'web', data: {}, createdBy: 'me' });
  expect(create).toThrow('Launch template name already in use.');
  ec2.templates.remove(template);
  expect(create().id).not.toBe(template.id);
});
