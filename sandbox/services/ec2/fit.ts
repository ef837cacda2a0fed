import { AwsError } from '../../core/aws-error.ts';
import type { Image } from './images.ts';
import { instanceType } from './instance-types.ts';

/**
 * Whether an instance type can run an AMI: architecture, virtualization, boot mode ("Compatibility for changing the
 * instance type" and "Instance launch behavior with EC2 boot modes", EC2 User Guide).
 * @throws AwsError InvalidInstanceType, InvalidParameterValue, InvalidParameterCombination, UnsupportedOperation
 */
export function checkFit(image: Image, typeName: string): void {
  const type = instanceType(typeName);
  if (image.architecture !== type.architecture)
    throw new AwsError(
      'InvalidParameterValue',
      `The architecture '${type.architecture}' of the specified instance type does not match the architecture '${image.architecture}' of the specified AMI. Specify an instance type and an AMI that have matching architectures, and try again. You can use 'describe-instance-types' or 'describe-images' to discover the architecture of the instance type or AMI.`,
    );
  if (image.virtualization !== 'hvm')
    throw new AwsError(
      'InvalidParameterCombination',
      `Non-Windows instances with a virtualization type of '${image.virtualization}' are currently not supported for this instance type : ${typeName}.`,
    );
  if (image.rootDeviceType !== 'ebs')
    throw new AwsError(
      'InvalidParameterCombination',
      `The instance type '${typeName}' does not support an AMI with root device type '${image.rootDeviceType}'.`,
    );
  const { bootMode } = image;
  if (bootMode !== undefined && bootMode !== 'uefi-preferred' && !type.bootModes.includes(bootMode))
    throw new AwsError(
      'InvalidParameterCombination',
      `The instance type '${typeName}' does not support the boot mode '${bootMode}' of the AMI. Supported boot modes: ${type.bootModes.join(', ')}.`,
    );
}
