import { AwsError } from '../core/aws-error.ts';
import type { Created, Provisioners, ResourceContext } from '../core/resources.ts';
import type { World } from '../core/world.ts';
import type { SynthesizedStack } from './assembly.ts';
import type { Inert } from './inert.ts';
import { namesIn, Resolver, type Scope } from './intrinsics.ts';
import { inDependencyOrder } from './order.ts';
import { parameterValues } from './parameters.ts';
import { physicalName } from './physical-name.ts';
import { problemsOf, type Json, type Resource, type Template } from './template.ts';
import { TemplateError } from './template-error.ts';

export interface DeployedResource {
  readonly type: string;
  /** The value of Ref. */
  readonly physicalId: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface DeployedStack {
  readonly name: string;
  readonly template: Template;
  readonly outputs: Readonly<Record<string, string>>;
  /** By logical id. */
  readonly resources: Readonly<Record<string, DeployedResource>>;
}

export interface StackDependencies {
  readonly world: World;
  readonly provisioners: Provisioners;
  readonly inert: Readonly<Record<string, Inert>>;
  readonly assets: ReadonlyMap<string, string>;
  /** Exported values of all stacks; this stack adds its own. */
  readonly exports: Map<string, string>;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** One stack on its way from the template to its resources. */
export class StackDeployment {
  readonly #stack: SynthesizedStack;
  readonly #given: StackDependencies;
  readonly #created = new Map<string, Created>();
  readonly #conditions = new Map<string, boolean | 'open'>();
  readonly #pseudo: ReadonlyMap<string, Json>;
  #parameters: ReadonlyMap<string, Json> = new Map();
  readonly #resolver: Resolver;

  constructor(stack: SynthesizedStack, given: StackDependencies) {
    const { account, region, random } = given.world;
    this.#stack = stack;
    this.#given = given;
    this.#pseudo = new Map<string, Json>([
      ['AWS::AccountId', account],
      ['AWS::Region', region],
      ['AWS::Partition', 'aws'],
      ['AWS::URLSuffix', 'amazonaws.com'],
      ['AWS::StackName', stack.name],
      ['AWS::StackId', `arn:aws:cloudformation:${region}:${account}:stack/${stack.name}/${random.uuid()}`],
      ['AWS::NotificationARNs', []],
    ]);
    this.#resolver = new Resolver(this.#scope());
  }

  /** Throws TemplateError; what was created before the error stays. */
  async run(parameters: Readonly<Record<string, string>>): Promise<DeployedStack> {
    const { template, name } = this.#stack;
    this.#parameters = await this.#asked('Parameters', () =>
      parameterValues(template.Parameters, { ...this.#stack.parameters, ...parameters }, this.#given.world),
    );
    this.#checkRules();
    this.#checkNames();
    const wanted = Object.keys(template.Resources).filter((id) => this.#isWanted(id));
    const order = this.#at('Resources', () => inDependencyOrder(wanted, (id) => this.#needs(id)));
    for (const logicalId of order) await this.#create(logicalId);
    const outputs = this.#outputs();
    return { name, template, outputs, resources: Object.fromEntries(wanted.map((id) => [id, this.#deployed(id)])) };
  }

  #resource(logicalId: string): Resource {
    const resource = this.#stack.template.Resources[logicalId];
    if (resource === undefined) throw new Error(`there is no resource ${logicalId}`);
    return resource;
  }

  #deployed(logicalId: string): DeployedResource {
    const created = this.#created.get(logicalId);
    if (created === undefined) throw new Error(`${logicalId} was not created`);
    return { type: this.#resource(logicalId).Type, physicalId: created.ref, attributes: created.attributes };
  }

  #isWanted(logicalId: string): boolean {
    const { Condition } = this.#resource(logicalId);
    return Condition === undefined || this.#at(`resource ${logicalId}`, () => this.#condition(Condition));
  }

  #needs(logicalId: string): Iterable<string> {
    const { DependsOn, Properties } = this.#resource(logicalId);
    return [...DependsOn, ...namesIn(Properties)];
  }

  #checkRules(): void {
    for (const [name, { RuleCondition, Assertions }] of Object.entries(this.#stack.template.Rules))
      this.#at(`rule ${name}`, () => {
        if (RuleCondition !== undefined && !this.#resolver.test(RuleCondition)) return;
        for (const { Assert, AssertDescription } of Assertions)
          if (!this.#resolver.test(Assert)) throw new Error(AssertDescription ?? 'an assertion does not hold');
      });
  }

  /** A name that nothing has is told before anything is created, as CloudFormation does. */
  #checkNames(): void {
    const { Resources, Outputs } = this.#stack.template;
    const known = (name: string): boolean =>
      Object.hasOwn(Resources, name) || this.#parameters.has(name) || this.#pseudo.has(name) || name === 'AWS::NoValue';
    for (const [id, { Properties, DependsOn }] of Object.entries(Resources))
      this.#at(`resource ${id}`, () =>
        refuseUnknown([...DependsOn, ...namesIn(Properties)].filter((name) => !known(name))),
      );
    for (const [name, { Value }] of Object.entries(Outputs))
      this.#at(`output ${name}`, () => refuseUnknown([...namesIn(Value)].filter((each) => !known(each))));
  }

  async #create(logicalId: string): Promise<void> {
    const { Type, Properties } = this.#resource(logicalId);
    const where = `resource ${logicalId} (${Type})`;
    const properties = this.#at(where, () => this.#resolver.resolve(Properties)) as Record<string, Json>;
    const created = await this.#asked(where, async () => this.#provision(logicalId, Type, properties));
    this.#created.set(logicalId, created);
  }

  #provision(logicalId: string, type: string, properties: Record<string, Json>): Created | Promise<Created> {
    const { provisioners, inert, world } = this.#given;
    const context = this.#context(logicalId);
    const found = provisioners[type];
    if (found === undefined) {
      const left = inert[type];
      if (left === undefined)
        throw new Error('the sandbox has no provisioner for this type, nor is it on the list of inert types');
      return left.created(properties, context, world);
    }
    const parsed = found.properties.safeParse(properties);
    if (!parsed.success)
      throw new Error(
        problemsOf(parsed.error, properties)
          .map((problem) => `Properties.${problem}`)
          .join('; '),
      );
    return found.create(parsed.data, context);
  }

  #context(logicalId: string): ResourceContext {
    const { world, assets } = this.#given;
    const stackName = this.#stack.name;
    return {
      logicalId,
      stackName,
      physicalName: (maximumLength) => physicalName(stackName, logicalId, world.random, maximumLength),
      assetPath: (bucket, key) => {
        const path = assets.get(`${bucket}/${key}`);
        if (path === undefined) throw new Error(`s3://${bucket}/${key} is no asset of this assembly`);
        return path;
      },
    };
  }

  #outputs(): Record<string, string> {
    const outputs: Record<string, string> = {};
    for (const [name, { Value, Condition, Export }] of Object.entries(this.#stack.template.Outputs))
      this.#at(`output ${name}`, () => {
        if (Condition !== undefined && !this.#condition(Condition)) return;
        const value = textOf(this.#resolver.resolve(Value));
        outputs[name] = value;
        if (Export !== undefined) this.#export(textOf(this.#resolver.resolve(Export.Name)), value);
      });
    return outputs;
  }

  #export(name: string, value: string): void {
    const { exports } = this.#given;
    if (exports.has(name)) throw new Error(`Export with name ${name} is already exported by another stack`);
    exports.set(name, value);
  }

  #condition(name: string): boolean {
    const known = this.#conditions.get(name);
    if (known === 'open') throw new Error(`circular dependency of condition ${name}`);
    if (known !== undefined) return known;
    const expression = this.#stack.template.Conditions[name];
    if (expression === undefined) throw new Error(`there is no condition ${name}`);
    this.#conditions.set(name, 'open');
    const holds = this.#resolver.test(expression);
    this.#conditions.set(name, holds);
    return holds;
  }

  #scope(): Scope {
    const { template } = this.#stack;
    const { exports } = this.#given;
    return {
      ref: (name) => this.#parameters.get(name) ?? this.#pseudo.get(name) ?? this.#deployed(name).physicalId,
      attribute: (logicalId, name) => {
        const { type, attributes } = this.#deployed(logicalId);
        return attributes[name] ?? failing(`the sandbox's ${type} ${logicalId} has no attribute ${name}`);
      },
      condition: (name) => this.#condition(name),
      mapping: (map, first, second) =>
        template.Mappings[map]?.[first]?.[second] ?? failing(`Fn::FindInMap finds no ${map}.${first}.${second}`),
      importValue: (name) => exports.get(name) ?? failing(`No export named ${name} found`),
      availabilityZones: (region) => this.#availabilityZones(region),
    };
  }

  #availabilityZones(region: string): readonly string[] {
    const ours = this.#given.world.region;
    if (region !== '' && region !== ours) throw new Error(`Fn::GetAZs of ${region}; the sandbox is ${ours}`);
    return ['a', 'b', 'c'].map((zone) => `${ours}${zone}`);
  }

  #at<T>(where: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw this.#located(where, error);
    }
  }

  async #asked<T>(where: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.#located(where, error);
    }
  }

  #located(where: string, error: unknown): TemplateError {
    const code = error instanceof AwsError ? `${error.code}: ` : '';
    return new TemplateError(`stack ${this.#stack.name}: ${where}`, `${code}${messageOf(error)}`, { cause: error });
  }
}

function refuseUnknown(names: readonly string[]): void {
  if (names.length > 0) throw new Error(`Unresolved resource dependencies [${names.join(', ')}]`);
}

function failing(problem: string): never {
  throw new Error(problem);
}

function textOf(value: Json): string {
  if (typeof value === 'object') throw new Error(`takes text, not ${JSON.stringify(value)}`);
  return String(value);
}
