import type { FileTree } from './disk.ts';
import type { Machine } from './machine.ts';

/** The files under /proc that diagnostics read, by path within it. */
export function procFiles(machine: Machine): FileTree {
  const { hardware, clock } = machine;
  const { software, vcpus, memoryMiB, bootedAt } = hardware;
  const uptime = ((clock.now() - bootedAt) / 1000).toFixed(2);
  const total = memoryMiB * 1024;
  const free = Math.round(total * (1 - software.memoryUsed));
  const processors = Array.from(
    { length: vcpus },
    (_, index) => `processor\t: ${index}\nmodel name\t: ${cpuModel(hardware.architecture)}\ncpu MHz\t\t: 2500.000\n`,
  );
  return {
    '/uptime': `${uptime} ${uptime}\n`,
    '/loadavg': `${software.load.map((value) => value.toFixed(2)).join(' ')} 1/${100 + software.units.length} 1234\n`,
    '/meminfo': `MemTotal:       ${total} kB\nMemFree:        ${free} kB\nMemAvailable:   ${free} kB\nSwapTotal:             0 kB\nSwapFree:              0 kB\n`,
    '/cpuinfo': processors.join('\n'),
    '/version': `Linux version ${software.kernel} (mockbuild@buildhost) #1 SMP PREEMPT_DYNAMIC\n`,
    '/self/': '',
  };
}

export const cpuModel = (architecture: string): string =>
  architecture === 'aarch64' ? 'Neoverse-N1' : 'Intel(R) Xeon(R) Platinum 8259CL CPU @ 2.50GHz';
