import { GetObjectCommand, paginateListObjectsV2, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import type { Execution } from './schemas/common.ts';

/** Where the objects of an execution are: no two of a bucket have the same place. */
export const runPrefix = ({ arn, name, runbook }: Execution): string =>
  `fleetwright-runs/${runbook}/${name}-${createHash('sha256').update(arn).digest('hex').slice(0, 12)}`;

/** A bucket, and where in it the objects of one execution are. */
export interface RunPlace {
  readonly bucket: string;
  readonly prefix: string;
}

/** The objects that one execution keeps in S3, by their names below its prefix. Each is written whole. */
export class RunObjects {
  readonly #s3: S3Client;
  readonly #place: RunPlace;

  constructor(s3: S3Client, place: RunPlace) {
    this.#s3 = s3;
    this.#place = place;
  }

  async put(name: string, Body: string): Promise<void> {
    await this.#s3.send(new PutObjectCommand({ ...this.#object(name), Body }));
  }

  async get(name: string): Promise<string> {
    const { Body } = await this.#s3.send(new GetObjectCommand(this.#object(name)));
    return (await Body?.transformToString()) ?? '';
  }

  /** Names below a folder, sorted, as S3 lists them. */
  async list(folder: string): Promise<string[]> {
    const { bucket, prefix } = this.#place;
    const listing = { Bucket: bucket, Prefix: `${prefix}/${folder}` };
    const names: string[] = [];
    for await (const { Contents = [] } of paginateListObjectsV2({ client: this.#s3 }, listing))
      names.push(...Contents.map(({ Key = '' }) => Key.slice(prefix.length + 1)));
    return names;
  }

  #object(name: string) {
    return { Bucket: this.#place.bucket, Key: `${this.#place.prefix}/${name}` };
  }
}

export const jsonLines = (documents: readonly unknown[]): string =>
  documents.map((document) => `${JSON.stringify(document)}\n`).join('');
