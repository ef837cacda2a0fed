import { COMMAND_NAMES } from './commands/table.ts';
import type { FileTree } from './disk.ts';

/** Links that make /bin and the like what they are on a distribution with a merged /usr. */
const LINKS: FileTree = {
  '/bin': { link: 'usr/bin' },
  '/sbin': { link: 'usr/sbin' },
  '/lib': { link: 'usr/lib' },
};

/** What the shell finds on its PATH: it runs the command of that name. */
const PROGRAMS: FileTree = Object.fromEntries(
  COMMAND_NAMES.map((name) => [`/usr/bin/${name}`, { content: '', mode: 0o755 }]),
);

/** The files that scripts look at on any Linux; an image adds its own. */
export function linuxFiles(name: string, version: string): FileTree {
  return {
    ...LINKS,
    ...PROGRAMS,
    '/boot/': '',
    '/dev/null': '',
    '/etc/fstab': 'UUID=root / xfs defaults,noatime 1 1\n',
    '/etc/group': 'root:x:0:\n',
    '/etc/logrotate.conf': 'weekly\nrotate 4\ncreate\ninclude /etc/logrotate.d\n',
    '/etc/logrotate.d/rsyslog': '/var/log/messages {\n    missingok\n    notifempty\n}\n',
    '/etc/hosts': '127.0.0.1   localhost localhost.localdomain\n',
    '/etc/os-release': `NAME="${name}"\nVERSION="${version}"\nID="${name.split(' ')[0]?.toLowerCase() ?? ''}"\nVERSION_ID="${version}"\nPRETTY_NAME="${name} ${version}"\n`,
    '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\nec2-user:x:1000:1000:EC2 Default User:/home/ec2-user:/bin/bash\n',
    '/etc/resolv.conf': 'nameserver 10.0.0.2\n',
    '/home/ec2-user/': '',
    '/mnt/': '',
    '/opt/': '',
    '/proc/': '',
    '/root/': '',
    '/run/': '',
    '/tmp/': '',
    '/usr/lib/': '',
    '/usr/local/bin/': '',
    '/usr/sbin/': '',
    '/var/lib/amazon/ssm/': '',
    '/var/log/': '',
    '/var/tmp/': '',
  };
}
