import type { Provisioners } from '../../core/resources.ts';
import type { Service } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import { startEngine } from './engine.ts';
import { dynamoDbOperations } from './operations.ts';
import { dynamoDbResources } from './resources.ts';
import { Tables } from './tables.ts';

export interface DynamoDb {
  readonly service: Service;
  readonly resources: Provisioners;
  /** Ends dynalite; every call after it fails. */
  close(): void;
}

/** Amazon DynamoDB, answered by dynalite in this process. Calls take no time: the dispatcher counts them as in flight. */
export function createDynamoDb(world: World): DynamoDb {
  const engine = startEngine(world.region);
  const tables = new Tables(world, engine);
  const service: Service = { id: 'dynamodb', operations: dynamoDbOperations(tables, engine) };
  return { service, resources: dynamoDbResources(world, tables), close: () => engine.close() };
}
