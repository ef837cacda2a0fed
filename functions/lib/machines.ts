/** The state machines of the runbooks: their ARNs by the runbook's name. */
export type Machines = ReadonlyMap<string, string>;

/** Reads `NAME=ARN,…`, as infra writes it. */
export function machinesOf(text: string): Machines {
  const pairs = text.split(',').map((pair): [string, string] => {
    const [name = '', ...arn] = pair.split('=');
    return [name, arn.join('=')];
  });
  return new Map(pairs);
}

/** The ARN of an execution by its machine's ARN and its name. Source: Step Functions, "StartExecution", executionArn. */
export const executionArnOf = (machineArn: string, name: string): string =>
  `${machineArn.replace(':stateMachine:', ':execution:')}:${name}`;

/** An execution by the id that the API gave it; undefined where no runbook has that name. */
export function executionOf(machines: Machines, id: string): { runbook: string; executionArn: string } | undefined {
  const dot = id.indexOf('.');
  const runbook = id.slice(0, Math.max(0, dot));
  const machineArn = machines.get(runbook);
  if (machineArn === undefined) return undefined;
  return { runbook, executionArn: executionArnOf(machineArn, id.slice(dot + 1)) };
}
