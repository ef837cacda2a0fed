import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Fleet } from '../../sandbox/fleets/index.ts';
import { createLab, inLab, type Lab } from '../support/lab.ts';
import { byMaker, callsByRoles, faultsFor, faultTitle, fewOfMany, type NumberedCall } from './fault-sweep.ts';
import { expectInvariants, type Run } from './invariants.ts';

/** One way that a run of a runbook takes when nothing goes wrong. */
export interface Course {
  readonly name: string;
  /** The request; the command leaves a line in the marks file for each time that it runs. */
  readonly request: (marks: string, lab: Lab) => object | Promise<object>;
  /** `RunCommand` unless told, and what holds however a run of it went. */
  readonly runbook?: string;
  readonly invariants?: (lab: Lab, run: Run) => Promise<void>;
  /** The machines; those of all tests unless told. */
  readonly fleet?: Fleet;
  /** What is so before a run begins. */
  readonly prepare?: (lab: Lab) => Promise<void>;
  /** Which of the calls are failed where they are its own concern; all of them unless told. */
  readonly choose?: (calls: readonly NumberedCall[]) => readonly NumberedCall[];
  /** Of which calls the first and the last few stand for all, because they are made again and again; `byMaker` unless told. */
  readonly alike?: (call: NumberedCall) => string;
  /** How many are few; 2 unless told. */
  readonly few?: number;
  /** Something that is counted after everything that happens while the execution runs; told the marks file of the run. */
  readonly watch?: (lab: Lab, marks: string) => number;
  /** Stops the execution from outside after so many seconds. */
  readonly stopAfter?: number;
}

export const work = (marks: string): string[] => [`echo ran >> ${marks}`, 'sleep 45', `cat ${marks}`];
export const endlessWork = (marks: string): string[] => [...work(marks), 'sleep 5000'];

async function follow(lab: Lab, course: Course, number: number): Promise<Run> {
  const { runbook = 'RunCommand', request, prepare, stopAfter, watch } = course;
  await prepare?.(lab);
  const marks = `/tmp/marks-${number}`;
  const input = await request(marks, lab);
  const startedAt = lab.sandbox.clock.date();
  const toldBefore = lab.notifications().length;
  const executionArn = await lab.start(runbook, input, `run-${number}`);
  if (stopAfter !== undefined) {
    await lab.sandbox.clock.runFor(stopAfter * 1000);
    if ((await lab.describe(executionArn)).status === 'RUNNING')
      await lab.call('states', 'StopExecution', { executionArn });
  }
  const fewest = watch && (await lab.leastUntilQuiet(() => watch(lab, marks)));
  await lab.settle(executionArn);
  return { executionArn, startedAt, marks, told: lab.notifications().length - toldBefore, fewest };
}

/** Fails those between the first and the last of many alike, too: for who changes what is repeated. */
const FAIL_ALL = process.env['FAULT_SWEEP'] === 'all';

/** Declares a test for each call of the course failed once in each way. Two courses in two files run side by side. */
export async function sweep(course: Course): Promise<void> {
  const { choose = (all: readonly NumberedCall[]) => all, alike = byMaker, few = 2 } = course;
  const setup = course.fleet && { fleet: course.fleet };
  const calls = await inLab({ ...setup }, async (lab) => {
    await follow(lab, course, 0);
    const coldStarts = lab.sandbox.dispatcher.journal.length;
    const { executionArn } = await follow(lab, course, 1);
    const chosen = choose(callsByRoles(lab.sandbox.dispatcher.journal.slice(coldStarts), executionArn));
    return FAIL_ALL ? chosen : fewOfMany(chosen, alike, few);
  });

  describe(`${course.name}: each of its ${calls.length} calls failed once`, () => {
    let lab: Lab;
    beforeAll(async () => {
      lab = await createLab(setup);
      // Cold starts happen here, so that calls come at the same times in every run below.
      await follow(lab, course, 0);
    });
    afterAll(() => lab.sandbox.close());

    faultsFor(calls).forEach((fault, index) => {
      it(faultTitle(fault), async () => {
        lab.sandbox.faults.arm([fault]);
        const run = await follow(lab, course, index + 2);
        expect(lab.sandbox.faults.struck).toEqual([fault]);
        lab.sandbox.faults.arm([]);
        await (course.invariants ?? expectInvariants)(lab, { ...run, late: fault.action.kind === 'delay' });
        await lab.dropLocks();
      });
    });
  });
}
