import type { Machine } from '../machine.ts';
import { type Command, CommandFailed, flags, table } from './command.ts';

/** The agent's own connections, which every managed machine has. */
const AGENT_PEERS = ['52.94.5.10:443', '52.94.5.26:443'];

interface Socket {
  readonly protocol: string;
  readonly state: string;
  readonly local: string;
  readonly peer: string;
  readonly process: string;
}

function sockets(machine: Machine): readonly Socket[] {
  const { privateIp, software } = machine.hardware;
  const listening = software.listeners.map(({ protocol, port, process }) => ({
    protocol,
    state: protocol === 'udp' ? 'UNCONN' : 'LISTEN',
    local: `0.0.0.0:${port}`,
    peer: '0.0.0.0:*',
    process,
  }));
  const established = AGENT_PEERS.map((peer, index) => ({
    protocol: 'tcp',
    state: 'ESTAB',
    local: `${privateIp}:${45_000 + index}`,
    peer,
    process: 'ssm-agent-worker',
  }));
  return [...listening, ...established];
}

function chosen(machine: Machine, given: ReadonlySet<string>): readonly Socket[] {
  const protocols = ['t', 'u'].some((flag) => given.has(flag))
    ? [...(given.has('t') ? ['tcp'] : []), ...(given.has('u') ? ['udp'] : [])]
    : ['tcp', 'udp'];
  return sockets(machine).filter(({ protocol, state }) => {
    if (!protocols.includes(protocol)) return false;
    if (given.has('a')) return true;
    return given.has('l') ? state !== 'ESTAB' : state === 'ESTAB';
  });
}

/** Command `ss` (iproute2): sockets of TCP and UDP. */
export const ss: Command =
  ({ machine }) =>
  (args) => {
    const { given } = flags('ss', args, 'tulnapH4s', [
      'listening',
      'tcp',
      'udp',
      'all',
      'numeric',
      'processes',
      'summary',
    ]);
    const all = sockets(machine);
    if (given.has('s') || given.has('summary')) {
      const established = all.filter(({ state }) => state === 'ESTAB').length;
      return `Total: ${all.length}\nTCP:   ${all.length} (estab ${established}, closed 0, orphaned 0, timewait 0)\n`;
    }
    const rows = chosen(machine, given).map(({ protocol, state, local, peer, process }) => [
      protocol,
      state,
      '0',
      '0',
      local,
      peer,
      given.has('p') ? `users:(("${process}",pid=700,fd=3))` : '',
    ]);
    const head = ['Netid', 'State', 'Recv-Q', 'Send-Q', 'Local Address:Port', 'Peer Address:Port', 'Process'];
    return table(given.has('H') ? rows : [head, ...rows], [4]);
  };

/** Command `netstat` (net-tools). */
export const netstat: Command =
  ({ machine }) =>
  (args) => {
    const { given } = flags('netstat', args, 'tulnap');
    const rows = chosen(machine, given).map(({ protocol, state, local, peer, process }) => [
      protocol,
      '0',
      '0',
      local,
      peer,
      { ESTAB: 'ESTABLISHED', UNCONN: '' }[state] ?? state,
      given.has('p') ? `700/${process}` : '',
    ]);
    const head = [
      'Proto',
      'Recv-Q',
      'Send-Q',
      'Local Address',
      'Foreign Address',
      'State',
      given.has('p') ? 'PID/Program name' : '',
    ];
    return `Active Internet connections\n${table([head, ...rows])}`;
  };

/** Command `ip` (iproute2): addr and route. */
export const ip: Command =
  ({ machine }) =>
  (args) => {
    const [object = '', verb = 'show'] = args.filter((arg) => !arg.startsWith('-'));
    const { privateIp } = machine.hardware;
    const gateway = `${privateIp.split('.').slice(0, 3).join('.')}.1`;
    if (verb !== 'show' && verb !== 'list')
      throw new CommandFailed(`ip: the sandbox does not model 'ip ${args.join(' ')}'`, 255);
    if (['addr', 'address', 'a'].includes(object)) {
      return `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    inet 127.0.0.1/8 scope host lo
2: ens5: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 9001 qdisc mq state UP group default qlen 1000
    inet ${privateIp}/24 metric 512 brd ${gateway.replace(/\.1$/, '.255')} scope global dynamic ens5
`;
    }
    if (['route', 'r'].includes(object))
      return `default via ${gateway} dev ens5 proto dhcp src ${privateIp} metric 512\n`;
    throw new CommandFailed(`Object "${object}" is unknown, try "ip help".`, 1);
  };
