import type { BlockDevice, Hardware } from './hardware.ts';

/** Finds a device as fstab and mount name it: /dev/…, UUID=…, LABEL=…. */
export function findDevice(hardware: Hardware, source: string): BlockDevice | undefined {
  const [, key, value] = /^(UUID|LABEL)=(.*)$/.exec(source) ?? [];
  return hardware.devices.find(({ kernelName, deviceName, disk }) => {
    if (key === 'UUID') return disk.uuid === value;
    if (key === 'LABEL') return disk.label === value;
    return source === `/dev/${kernelName}` || source === deviceName;
  });
}

/** Lines of an fstab: source and mount point. */
export function fstabEntries(text: string): readonly { readonly source: string; readonly point: string }[] {
  return text
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim().split(/\s+/))
    .flatMap(([source, point]) => (source && point ? [{ source, point }] : []));
}
