import * as z from 'zod';
import { INSTANCE_TYPES } from '../services/ec2/index.ts';

export const tags = z.record(
  z
    .string()
    .min(1)
    .max(128)
    .regex(/^(?!aws:)/i, 'keys starting with aws: are reserved'),
  z.string().max(256),
);

const file = z.union([
  z.string(),
  z.strictObject({ content: z.string(), mode: z.int().min(0).max(0o7777).optional() }),
  z.strictObject({ link: z.string().min(1) }),
]);

export const files = z.record(z.string().regex(/^\//, 'a path begins with /'), file);

export const unit = z.strictObject({
  name: z.string().min(1),
  description: z.string().default(''),
  state: z.enum(['active', 'inactive', 'failed']).default('active'),
  enabled: z.boolean().default(true),
  startsAs: z.enum(['active', 'failed']).default('active'),
  command: z.string().default(''),
});

export const container = z.strictObject({
  name: z.string().min(1),
  image: z.string().min(1),
  command: z.string().default(''),
  state: z.enum(['running', 'exited']).default('running'),
  exitCode: z.int().default(0),
  ports: z.string().default(''),
  logs: z.array(z.string()).default([]),
});

export const listener = z.strictObject({
  port: z.int().min(1).max(65_535),
  process: z.string().min(1),
  protocol: z.enum(['tcp', 'udp']).default('tcp'),
});

export const device = z.string().regex(/^\/dev\/(?:sd[b-z]|xvd[b-z])[a-z]?$/, 'a device name such as /dev/sdf');

/** What a CloudFormation output of the stacks holds. */
export const output = z.strictObject({ output: z.string().min(1) });

/** An instance profile by name, or by the output that holds the name. */
export const profile = z.union([z.string().min(1), output]);

export const instanceType = z
  .string()
  .refine(
    (name) => INSTANCE_TYPES.has(name),
    `no known type; the sandbox has ${[...INSTANCE_TYPES.keys()].join(', ')}`,
  );
