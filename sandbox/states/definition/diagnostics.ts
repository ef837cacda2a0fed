import { AwsError } from '../../core/aws-error.ts';

/** One thing wrong with a definition, as ValidateStateMachineDefinition says it. */
export interface Diagnostic {
  readonly code: string;
  readonly message: string;
  /** Where, as a path from the root (`/States/Wait/Seconds`). */
  readonly location?: string;
}

/** Collects what is wrong, so that a definition is refused with all of it at once. */
export class Diagnostics {
  readonly found: Diagnostic[] = [];

  schema(message: string, location: string): void {
    this.found.push({ code: 'SCHEMA_VALIDATION_FAILED', message, location });
  }

  /** A feature of AWS that the sandbox does not have: refused by its name. */
  unsupported(feature: string, location: string): void {
    this.schema(`The sandbox does not support ${feature}`, location);
  }

  add(code: string, message: string, location: string): void {
    this.found.push({ code, message, location });
  }
}

/** The error by which CreateStateMachine refuses a definition. */
export function invalidDefinition(found: readonly Diagnostic[]): AwsError {
  const list = found.map(
    ({ code, message, location }) => `${code}: ${message}${location === undefined ? '' : ` at ${location}`}`,
  );
  return new AwsError('InvalidDefinition', `Invalid State Machine Definition: '${list.join(', ')}'`);
}
