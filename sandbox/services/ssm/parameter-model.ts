type ParameterType = 'String' | 'StringList' | 'SecureString';

type Tier = 'Standard' | 'Advanced';

export interface ParameterVersion {
  readonly value: string;
  readonly version: number;
  readonly type: ParameterType;
  readonly description: string | undefined;
  readonly dataType: string;
  readonly tier: Tier;
  readonly allowedPattern: string | undefined;
  /** Epoch milliseconds. */
  readonly modifiedAt: number;
  readonly modifiedBy: string;
}

export interface Put {
  readonly name: string;
  readonly value: string;
  readonly type?: ParameterType | undefined;
  readonly description?: string | undefined;
  readonly dataType?: string | undefined;
  readonly tier?: Tier | 'Intelligent-Tiering' | undefined;
  readonly allowedPattern?: string | undefined;
  readonly overwrite?: boolean | undefined;
}

/** The data type whose values are validated after PutParameter has answered. */
export const IMAGE = 'aws:ec2:image';

/** Whether a name is AWS's own: those parameters are public, and no account may write them. */
export const isReserved = (name: string): boolean => /^\/?aws/i.test(name);

/** The version that a put makes; what it leaves out stays as it is. */
export function nextVersion(put: Put, last: ParameterVersion | undefined, at: number, by: string): ParameterVersion {
  return {
    value: put.value,
    version: (last?.version ?? 0) + 1,
    type: put.type ?? last?.type ?? 'String',
    description: put.description ?? last?.description,
    dataType: put.dataType ?? last?.dataType ?? 'text',
    tier: tierOf(put, last),
    allowedPattern: put.allowedPattern ?? last?.allowedPattern,
    modifiedAt: at,
    modifiedBy: by,
  };
}

const LARGEST_STANDARD = 4096;

/** Intelligent-Tiering makes an advanced parameter of what needs one, and never turns one back. */
export function tierOf({ tier, value }: Put, last: ParameterVersion | undefined): Tier {
  if (tier !== 'Intelligent-Tiering') return tier ?? last?.tier ?? 'Standard';
  return last?.tier === 'Advanced' || Buffer.byteLength(value) > LARGEST_STANDARD ? 'Advanced' : 'Standard';
}
