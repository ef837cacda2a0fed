import { ps, sh } from './catalogue/script.ts';

/** POSIX sh; each probe stands alone, so that a tool which is missing or fails takes none of the others with it. */
const SHELL = sh`
  probe() {
    title=$1; tool=$2; shift 2
    printf "\\n== %s ==\\n" "$title"
    if ! command -v "$tool" >/dev/null 2>&1; then printf "(%s is not installed)\\n" "$tool"; return 0; fi
    "$tool" "$@" 2>&1 || printf "(%s ended with status %s)\\n" "$tool" "$?"
  }
  first() { for tool in "$@"; do if command -v "$tool" >/dev/null 2>&1; then echo "$tool"; return 0; fi; done; echo "$1"; }
  probe System uname -a
  probe Distribution cat /etc/os-release
  probe Uptime uptime
  probe CPU nproc
  probe Memory free -m
  probe Disk df -hP
  probe "Network connections" "$(first ss netstat)" -tuna
  probe "Running services" systemctl list-units --type=service --state=running --no-pager --no-legend
  probe Containers "$(first docker podman)" ps
  exit 0
`;

/** As SHELL, for Windows PowerShell 5.1. */
const POWERSHELL = ps`
  function Probe([string] $Title, [scriptblock] $Script) {
    Write-Output "\`n== $Title =="
    try { & $Script 2>&1 | Out-String -Width 200 } catch { Write-Output "($Title is not available: $_)" }
  }
  Probe "System" { Get-CimInstance Win32_OperatingSystem | Format-List Caption, Version, OSArchitecture, CSName }
  Probe "Uptime" { (Get-Date) - (Get-CimInstance Win32_OperatingSystem).LastBootUpTime }
  Probe "CPU" { Get-CimInstance Win32_Processor | Format-List Name, NumberOfLogicalProcessors, LoadPercentage }
  Probe "Memory" { Get-CimInstance Win32_OperatingSystem | Format-List TotalVisibleMemorySize, FreePhysicalMemory }
  Probe "Disk" { Get-PSDrive -PSProvider FileSystem | Format-Table Name, Used, Free }
  Probe "Network connections" { Get-NetTCPConnection | Format-Table LocalAddress, LocalPort, RemoteAddress, RemotePort, State }
  Probe "Running services" { Get-Service | Where-Object Status -eq "Running" | Format-Table Name, DisplayName }
  Probe "Containers" { docker ps }
  exit 0
`;

/** What runs when no command is given: system, uptime, CPU, memory, disk, connections, services, containers. */
export const DIAGNOSTICS = {
  'AWS-RunShellScript': SHELL,
  'AWS-RunPowerShellScript': POWERSHELL,
} as const;
