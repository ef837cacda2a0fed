import { paginateDescribeSnapshots, type EC2Client, type Image } from '@aws-sdk/client-ec2';
import { DescribeKeyCommand, GetKeyPolicyCommand, paginateListGrants, type KMSClient } from '@aws-sdk/client-kms';

/** What starting a machine from an encrypted snapshot takes. Source: Amazon EC2 Auto Scaling User Guide, "Required AWS KMS key policy". */
const NEEDED = ['Decrypt', 'CreateGrant'];

interface Clients {
  readonly ec2: EC2Client;
  readonly kms: KMSClient;
}

/** Why a key cannot be used, or what could not be found out about it. */
export interface KeyFindings {
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Whether the keys that an image's snapshots are under can be used: by us, who must be able to look at them, and by the
 * service-linked role of Auto Scaling, which starts the machines. Source: EC2 DescribeSnapshots, KMS DescribeKey,
 * GetKeyPolicy, ListGrants.
 */
export async function keysOf(clients: Clients, image: Image, serviceRole: string): Promise<KeyFindings> {
  const { keys, hidden } = await encryptionOf(clients.ec2, image);
  const problems: string[] = [];
  const warnings = hidden
    ? ['KeyNotChecked: the AMI has encrypted snapshots of another account, whose key cannot be seen.']
    : [];
  for (const key of keys) {
    const problem = await problemOf(clients.kms, key, serviceRole);
    if (problem?.known === false) warnings.push(`KeyNotChecked: ${problem.message}`);
    else if (problem !== undefined) problems.push(problem.message);
  }
  return { problems, warnings };
}

async function encryptionOf(
  ec2: EC2Client,
  { BlockDeviceMappings = [] }: Image,
): Promise<{ readonly keys: readonly string[]; readonly hidden: boolean }> {
  const SnapshotIds = BlockDeviceMappings.flatMap(({ Ebs }) =>
    Ebs?.Encrypted === true && Ebs.SnapshotId !== undefined ? [Ebs.SnapshotId] : [],
  );
  if (SnapshotIds.length === 0) return { keys: [], hidden: false };
  const found: (string | undefined)[] = [];
  // By filter, because an id that cannot be seen would fail the whole call.
  const input = { Filters: [{ Name: 'snapshot-id', Values: SnapshotIds }] };
  for await (const { Snapshots = [] } of paginateDescribeSnapshots({ client: ec2 }, input))
    found.push(...Snapshots.map(({ KmsKeyId }) => KmsKeyId));
  const keys = found.filter((key) => key !== undefined);
  return { keys: [...new Set(keys)], hidden: keys.length < SnapshotIds.length };
}

interface Problem {
  /** Whether it is known to be one. */
  readonly known: boolean;
  readonly message: string;
}

async function problemOf(kms: KMSClient, KeyId: string, serviceRole: string): Promise<Problem | undefined> {
  try {
    const { KeyMetadata: key } = await kms.send(new DescribeKeyCommand({ KeyId }));
    if (key?.KeyState !== 'Enabled') return { known: true, message: `the key ${KeyId} is ${key?.KeyState ?? 'gone'}` };
    if (key.KeyManager === 'AWS') return undefined;
  } catch (error) {
    if (!isDenied(error)) throw error;
    return { known: true, message: `the key ${KeyId} may not be used by us: ${(error as Error).message}` };
  }
  try {
    if ((await allows(kms, KeyId, serviceRole)) || (await grants(kms, KeyId, serviceRole))) return undefined;
  } catch (error) {
    if (!isDenied(error)) throw error;
    return { known: false, message: `whether ${serviceRole} may use the key ${KeyId} cannot be seen` };
  }
  return {
    known: true,
    message:
      `neither the policy nor a grant of the key ${KeyId} lets ${serviceRole} use it. To let it: ` +
      `aws kms create-grant --key-id ${KeyId} --grantee-principal ${serviceRole} --operations Encrypt Decrypt ` +
      'ReEncryptFrom ReEncryptTo GenerateDataKey GenerateDataKeyWithoutPlaintext DescribeKey CreateGrant',
  };
}

const isDenied = (error: unknown): boolean =>
  error instanceof Error && /AccessDenied|NotFoundException/.test(error.name);

/** Whether the policy of a key names the role; a key of another account does not show its policy. */
async function allows(kms: KMSClient, KeyId: string, role: string): Promise<boolean> {
  try {
    const { Policy = '{}' } = await kms.send(new GetKeyPolicyCommand({ KeyId }));
    const { Statement = [] } = JSON.parse(Policy) as { Statement?: readonly object[] | object };
    return [Statement].flat().some((statement) => names(statement, role));
  } catch (error) {
    if (isDenied(error)) return false;
    throw error;
  }
}

interface KeyStatement {
  readonly Effect?: string;
  readonly Principal?: string | Readonly<Record<string, string | readonly string[]>>;
  readonly Action?: string | readonly string[];
}

function names({ Effect, Principal, Action = [] }: KeyStatement, role: string): boolean {
  const principals = typeof Principal === 'string' ? [Principal] : [Principal?.['AWS'] ?? []].flat();
  const actions = [Action].flat();
  return (
    Effect === 'Allow' &&
    principals.some((each) => each === role || each === '*') &&
    actions.some((action) => action === 'kms:*' || action === `kms:${NEEDED[0] ?? ''}`)
  );
}

async function grants(kms: KMSClient, KeyId: string, GranteePrincipal: string): Promise<boolean> {
  for await (const { Grants = [] } of paginateListGrants({ client: kms }, { KeyId, GranteePrincipal }))
    if (Grants.some(({ Operations = [] }) => NEEDED.every((needed) => Operations.includes(needed as 'Decrypt'))))
      return true;
  return false;
}
