import type { Provisioners } from '../../core/resources.ts';
import type { Service } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import { bucketOperations } from './buckets.ts';
import { Objects } from './objects.ts';
import { s3Resources } from './resources.ts';
import { S3Store } from './store.ts';

export interface S3 {
  readonly service: Service;
  readonly resources: Provisioners;
  /** The buckets and objects themselves, for parts of the sandbox that need them without a caller. */
  readonly store: S3Store;
}

/** Amazon S3 in memory: path-style, unversioned, without ACLs and multipart uploads. */
export function createS3(world: World): S3 {
  const store = new S3Store();
  const operations = { ...bucketOperations(world, store), ...new Objects(world, store).operations };
  return { service: { id: 's3', operations }, resources: s3Resources(world, store), store };
}
