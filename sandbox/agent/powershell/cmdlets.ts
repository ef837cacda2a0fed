import type { Machine } from '../machine.ts';
import { asText, type Item, type Stream, text } from './format.ts';
import { PowerShellError } from './syntax.ts';
import { wildcard } from './wildcard.ts';

const GIB = 1024 ** 3;

/** Arguments of a cmdlet: parameters by lower-case name, and the positional ones. */
export interface Arguments {
  readonly named: ReadonlyMap<string, string>;
  readonly positional: readonly string[];
}

type Cmdlet = (machine: Machine, args: Arguments) => Stream;

const objects = (view: Stream['view'], items: readonly Item[]): Stream => ({ items, view });

const services = (machine: Machine): readonly Item[] =>
  [...machine.units.values()].map(({ name, state, description }) => ({
    Status: state === 'active' ? 'Running' : 'Stopped',
    Name: name,
    DisplayName: description,
  }));

function named(items: readonly Item[], { named: parameters, positional }: Arguments, what: string): readonly Item[] {
  const name = parameters.get('name') ?? positional[0];
  if (name === undefined) return items;
  const pattern = wildcard(name);
  const found = items.filter((item) => pattern.test(asText(item['Name'] ?? item['ProcessName'] ?? '')));
  if (found.length === 0 && !name.includes('*'))
    throw new PowerShellError(`Cannot find any ${what} with ${what} name '${name}'.`);
  return found;
}

const disks = (machine: Machine): readonly Item[] =>
  machine.hardware.devices.map(({ sizeGiB, disk }, index) => {
    const used = disk.usedBytes + (index === 0 ? 18 * GIB : 0);
    return {
      DeviceID: `${String.fromCharCode('C'.charCodeAt(0) + index)}:`,
      DriveType: 3,
      FreeSpace: sizeGiB * GIB - used,
      Size: sizeGiB * GIB,
      VolumeName: disk.label,
    };
  });

function operatingSystem({ hardware }: Machine): Item {
  const { software, memoryMiB } = hardware;
  return {
    Caption: `Microsoft ${software.platformName}`,
    Version: software.platformVersion,
    OSArchitecture: '64-bit',
    CSName: hardware.hostname.toUpperCase(),
    LastBootUpTime: new Date(hardware.bootedAt),
    TotalVisibleMemorySize: memoryMiB * 1024,
    FreePhysicalMemory: Math.round(memoryMiB * 1024 * (1 - software.memoryUsed)),
  };
}

function cim(machine: Machine, args: Arguments): Stream {
  const name = args.named.get('classname') ?? args.named.get('class') ?? args.positional[0] ?? '';
  const { hardware } = machine;
  switch (name.toLowerCase()) {
    case 'win32_operatingsystem':
      return objects('list', [operatingSystem(machine)]);
    case 'win32_logicaldisk':
      return objects('table', disks(machine));
    case 'win32_processor':
      return objects('list', [
        {
          Name: 'Intel(R) Xeon(R) Platinum 8259CL CPU @ 2.50GHz',
          NumberOfLogicalProcessors: hardware.vcpus,
          LoadPercentage: Math.round((hardware.software.load[0] / hardware.vcpus) * 100),
        },
      ]);
    case 'win32_computersystem':
      return objects('list', [
        {
          Name: hardware.hostname.toUpperCase(),
          NumberOfLogicalProcessors: hardware.vcpus,
          TotalPhysicalMemory: hardware.memoryMiB * 1024 ** 2,
        },
      ]);
    default:
      throw new PowerShellError(`Get-CimInstance : Invalid class "${name}"`);
  }
}

function connections({ hardware }: Machine): Stream {
  const row = (port: number, peer: string, remote: number, state: string): Item => ({
    LocalAddress: state === 'Listen' ? '0.0.0.0' : hardware.privateIp,
    LocalPort: port,
    RemoteAddress: peer,
    RemotePort: remote,
    State: state,
  });
  const listening = hardware.software.listeners
    .filter(({ protocol }) => protocol === 'tcp')
    .map(({ port }) => row(port, '0.0.0.0', 0, 'Listen'));
  return objects('table', [...listening, row(49_800, '52.94.5.10', 443, 'Established')]);
}

/** The cmdlets that begin a pipeline, by lower-case name. */
export const SOURCES: Readonly<Record<string, Cmdlet>> = {
  'get-date': ({ clock }) => ({ items: [clock.date()], view: 'table' }),
  hostname: ({ hardware }) => text(hardware.hostname),
  whoami: () => text('nt authority\\system'),
  'get-ciminstance': cim,
  'get-wmiobject': cim,
  'get-computerinfo': (machine) => {
    const system = operatingSystem(machine);
    return objects('list', [
      {
        CsName: system['CSName'] ?? '',
        OsName: system['Caption'] ?? '',
        OsVersion: system['Version'] ?? '',
        OsLastBootUpTime: system['LastBootUpTime'] ?? '',
        CsNumberOfLogicalProcessors: machine.hardware.vcpus,
        CsTotalPhysicalMemory: machine.hardware.memoryMiB * 1024 ** 2,
      },
    ]);
  },
  'get-service': (machine, args) => objects('table', named(services(machine), args, 'service')),
  'get-process': (machine, args) =>
    objects(
      'table',
      named(
        [...machine.units.values()]
          .filter(({ state }) => state === 'active')
          .map(({ command }, index) => ({
            Handles: 200,
            WS: 20_000_000,
            CPU: 1.5,
            Id: 700 + index * 4,
            ProcessName: command,
          })),
        args,
        'process',
      ),
    ),
  'get-psdrive': (machine) =>
    objects(
      'table',
      disks(machine).map((disk) => ({
        Name: asText(disk['DeviceID'] ?? '').slice(0, 1),
        Used: Number(disk['Size']) - Number(disk['FreeSpace']),
        Free: Number(disk['FreeSpace']),
        Provider: 'FileSystem',
        Root: `${asText(disk['DeviceID'] ?? '')}\\`,
      })),
    ),
  'get-nettcpconnection': connections,
};
