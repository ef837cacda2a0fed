import { readFileSync } from 'node:fs';
import { expect, it, jest } from '@jest/globals';
import { VirtualClock } from '../../sandbox/clock/virtual-clock.ts';
import { INERT } from '../../sandbox/cloudformation/inert.ts';
import { Dispatcher } from '../../sandbox/core/dispatcher.ts';
import type { Service } from '../../sandbox/core/service.ts';
import { parseFleet } from '../../sandbox/fleets/index.ts';
import { createSandbox } from '../../sandbox/sandbox.ts';
import { testAssembly } from '../support/assembly.ts';

const page = readFileSync('docs/sandbox.md', 'utf8');

const quoted = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);

/** What stands between a heading and the next one of any level. */
function section(heading: string): string {
  const from = page.indexOf(`# ${heading}\n`);
  expect(from).toBeGreaterThan(0);
  const rest = page.slice(from + heading.length + 2);
  const end = rest.search(/^#{1,3} /m);
  return end < 0 ? rest : rest.slice(0, end);
}

const rows = (heading: string): string[][] =>
  section(heading)
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').slice(1, -1));

/** The fleet of the page, whose instances name a stack output. */
const fleet = () =>
  parseFleet(JSON.parse(/```json\n([^]*?)```/.exec(section('Fleet files'))?.[1] ?? ''), 'docs/sandbox.md');

it('lists every operation of every service, and no other; its fleet file starts', async () => {
  const services: Service[] = [];
  const register = jest
    .spyOn(Dispatcher.prototype, 'register')
    .mockImplementation((service) => void services.push(service));
  const sandbox = await createSandbox({ clock: new VirtualClock(), assembly: testAssembly(), fleet: fleet() });
  register.mockRestore();
  await sandbox.close();
  const written = Object.fromEntries(
    rows('Operations').map(
      ([name = '', operations = '']) => [quoted(name)[0] ?? '', quoted(operations).sort()] as const,
    ),
  );
  expect(written).toEqual(
    Object.fromEntries(services.map(({ id, operations }) => [id, Object.keys(operations).sort()])),
  );
});

it('lists the types that have no effect', () =>
  expect(
    rows('Resource types')
      .flatMap(([types = '']) => quoted(types))
      .sort(),
  ).toEqual(Object.keys(INERT).sort()));
