import { AwsError } from '../../core/aws-error.ts';
import type { World } from '../../core/world.ts';

export interface Subnet {
  readonly subnetId: string;
  readonly availabilityZone: string;
  readonly availabilityZoneId: string;
  readonly cidr: string;
  readonly tags: ReadonlyMap<string, string>;
}

const ZONES = ['a', 'b', 'c'];

/** The default VPC: a subnet in each of three Availability Zones, and one security group. */
export class Network {
  readonly vpcId: string;
  readonly securityGroupId: string;
  readonly subnets: ReadonlyMap<string, Subnet>;
  readonly #addresses = new Map<string, number>();

  constructor({ random, region }: Pick<World, 'random' | 'region'>) {
    this.vpcId = `vpc-${random.hex(17)}`;
    const subnets = ZONES.map((zone, index) => ({
      subnetId: `subnet-${random.hex(17)}`,
      availabilityZone: `${region}${zone}`,
      availabilityZoneId: `euc1-az${index + 1}`,
      cidr: `10.${index}.0.0/16`,
      tags: new Map<string, string>(),
    }));
    this.securityGroupId = `sg-${random.hex(17)}`;
    this.subnets = new Map(subnets.map((subnet) => [subnet.subnetId, subnet]));
  }

  /**
   * Where a launch goes that names a subnet, a zone, both or neither.
   * @throws AwsError InvalidSubnetID.NotFound, InvalidParameterValue
   */
  place({
    subnetId,
    availabilityZone,
  }: {
    readonly subnetId?: string | undefined;
    readonly availabilityZone?: string | undefined;
  }): Subnet {
    if (subnetId === undefined) return this.#subnetIn(availabilityZone);
    const subnet = this.subnets.get(subnetId);
    if (subnet === undefined)
      throw new AwsError('InvalidSubnetID.NotFound', `The subnet ID '${subnetId}' does not exist`);
    if (availabilityZone !== undefined && availabilityZone !== subnet.availabilityZone)
      throw new AwsError(
        'InvalidParameterValue',
        `Value (${availabilityZone}) for parameter availabilityZone is invalid. Subnet '${subnetId}' is in the availability zone ${subnet.availabilityZone}`,
      );
    return subnet;
  }

  /** The subnet of a zone; of the first one unless told. */
  #subnetIn(zone: string | undefined): Subnet {
    const subnet = [...this.subnets.values()].find(
      ({ availabilityZone }) => zone === undefined || availabilityZone === zone,
    );
    if (subnet === undefined) throw new AwsError('InvalidParameterValue', `Invalid availability zone: [${zone ?? ''}]`);
    return subnet;
  }

  /** @throws AwsError InvalidGroup.NotFound */
  checkGroups(ids: readonly string[] = []): void {
    const unknown = ids.find((id) => id !== this.securityGroupId);
    if (unknown !== undefined)
      throw new AwsError('InvalidGroup.NotFound', `The security group '${unknown}' does not exist`);
  }

  nextAddress({ subnetId, cidr }: Subnet): string {
    const number = (this.#addresses.get(subnetId) ?? 9) + 1;
    this.#addresses.set(subnetId, number);
    return `${cidr.split('.', 2).join('.')}.${Math.floor(number / 250)}.${(number % 250) + 4}`;
  }
}
