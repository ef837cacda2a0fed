/** A policy statement as a template writes it. */
export type Statement = Readonly<Record<string, unknown>>;

/** An IAM policy document, of an identity or of a resource. */
export interface PolicyDocument {
  readonly Version?: string;
  readonly Id?: string;
  readonly Statement: Statement | readonly Statement[];
}

const VERSION = '2012-10-17';

const statementsOf = ({ Statement }: PolicyDocument): readonly Statement[] =>
  Array.isArray(Statement) ? (Statement as readonly Statement[]) : [Statement as Statement];

/** What holds the policy for a resource: the bucket of an object, the account and region for logs, else the resource itself. */
function holderOf(arn: string): string {
  if (arn.startsWith('arn:aws:s3:::')) return arn.split('/', 1)[0] ?? arn;
  return arn.startsWith('arn:aws:logs:') ? arn.split(':', 5).join(':') : arn;
}

/** Resource policies (bucket, key, topic, queue, function) by the ARN that they are attached to. */
export class ResourcePolicies {
  readonly #statements = new Map<string, readonly Statement[]>();
  #version = 0;

  /** Changes whenever a policy does, so that decisions can be cached. */
  get version(): number {
    return this.#version;
  }

  /** Adds a document's statements to what the resource has already, as AddPermission and CreateKey do. */
  attach(resourceArn: string, document: PolicyDocument): void {
    this.#set(resourceArn, [...(this.#statements.get(resourceArn) ?? []), ...statementsOf(document)]);
  }

  /** Puts a document in place of what the resource has, as PutBucketPolicy and SetTopicAttributes do. */
  replace(resourceArn: string, document: PolicyDocument): void {
    this.#set(resourceArn, statementsOf(document));
  }

  /** Takes the policy of a resource away, as when the resource is deleted. */
  remove(resourceArn: string): void {
    this.#version++;
    this.#statements.delete(resourceArn);
  }

  /** The policy that decides about a resource; for an S3 object that of its bucket, for a log group that of its account. */
  for(resourceArn: string): PolicyDocument | undefined {
    const statements = this.#statements.get(holderOf(resourceArn));
    return statements && { Version: VERSION, Statement: statements };
  }

  /** Every policy by the ARN of its resource, in the order in which they were attached. */
  all(): readonly (readonly [arn: string, policy: PolicyDocument])[] {
    return [...this.#statements].map(([arn, Statement]) => [arn, { Version: VERSION, Statement }]);
  }

  #set(resourceArn: string, statements: readonly Statement[]): void {
    this.#version++;
    this.#statements.set(resourceArn, statements);
  }
}
