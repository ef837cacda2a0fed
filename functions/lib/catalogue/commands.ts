import { DIAGNOSTICS } from '../diagnostics.ts';
import { command, type Catalogue } from './named-command.ts';
import { choice, flag, integer, path, paths, s3Uri, sha256, text, texts } from './parameter.ts';
import { ps, sh } from './script.ts';

/** What clear-directory may empty, at any depth. */
const CLEARABLE = ['/tmp', '/var/tmp', '/var/cache', '/var/log', 'C:\\Windows\\Temp', 'C:\\Temp'];
/** What collect-logs may take. */
const LOG_DIRECTORIES = ['/var/log', '/opt', '/srv'];

const CONTAINER = {
  pattern: /^[A-Za-z0-9][A-Za-z0-9_.-]*$/,
  rule: 'the name or id of a container (letters, digits, and _ . - inside)',
  maxCharacters: 255,
};

/**
 * The named commands. To add one, add an entry: it is then on the console, on the API and in its OpenAPI document; a row in
 * docs/catalogue.md and a test complete it. Scripts exit with 2 for a parameter that does not fit the machine, 3 for a tool
 * that is missing, 4 where the machine is not in a state for it, and otherwise with the status of what failed. Linux scripts
 * are for any POSIX sh: Ubuntu's is dash.
 */
export const CATALOGUE = {
  diagnostics: command({
    description: 'Shows system, uptime, CPU, memory, disk, network connections, running services and containers.',
    parameters: {},
    linux: () => DIAGNOSTICS['AWS-RunShellScript'],
    windows: () => DIAGNOSTICS['AWS-RunPowerShellScript'],
  }),

  'restart-service': command({
    description: 'Restarts a service and fails unless it stays up.',
    parameters: {
      service: text({
        description: 'The systemd unit or Windows service.',
        pattern: /^[A-Za-z0-9_@:.\\$][A-Za-z0-9_@:.\\$ -]*$/,
        rule: 'the name of a service, such as nginx',
        maxCharacters: 255,
      }),
      seconds: integer({
        description: 'How long it has to stay up after the restart.',
        unit: 'seconds',
        minimum: 0,
        maximum: 600,
        default: 5,
      }),
    },
    linux: ({ service, seconds }) => sh`
      set -eu
      service=${service}
      seconds=${seconds}
      fail() { echo "$2" >&2; exit "$1"; }
      explain() { systemctl status --no-pager --full --lines=20 -- "$service" >&2 || true; }
      command -v systemctl >/dev/null || fail 3 'this machine has no systemctl'
      systemctl restart -- "$service" || { status=$?; explain; exit "$status"; }
      waited=0
      while [ "$waited" -lt "$seconds" ]; do
        sleep 1
        waited=$((waited + 1))
        systemctl is-active --quiet -- "$service" || { explain; fail 1 "$service did not stay up for $seconds s"; }
      done
      systemctl is-active --quiet -- "$service" || { explain; fail 1 "$service is not up"; }
      echo "$service was restarted and is up after $seconds s"
    `,
    windows: ({ service, seconds }) => ps`
      $ErrorActionPreference = 'Stop'
      $service = ${service}
      $seconds = ${seconds}
      Restart-Service -Name $service -Force
      Start-Sleep -Seconds $seconds
      $running = Get-Service -Name $service | Where-Object Status -eq 'Running'
      if (-not $running) { throw "$service did not stay up for $seconds s" }
      Write-Output "$service was restarted and is up after $seconds s"
    `,
  }),

  'restart-containers': command({
    description: 'Restarts containers of Docker or Podman and waits until they run.',
    parameters: {
      names: texts({ description: 'Names or ids; all that are running if there are none.', ...CONTAINER, default: [] }),
      seconds: integer({
        description: 'How long to wait for them.',
        unit: 'seconds',
        minimum: 1,
        maximum: 900,
        default: 60,
      }),
    },
    linux: ({ names, seconds }) => sh`
      set -eu
      seconds=${seconds}
      set -- ${names}
      fail() { echo "$2" >&2; exit "$1"; }
      runtime=$(command -v docker || command -v podman) || fail 3 'neither docker nor podman is installed'
      if [ "$#" -eq 0 ]; then
        running=$("$runtime" ps --quiet)
        [ -n "$running" ] || fail 4 'no container is running: name those to restart'
        set -- $running
      fi
      "$runtime" restart "$@"
      waited=0
      steady=0
      # One that ends and is started again and again is running now and then.
      while [ "$steady" -lt 3 ]; do
        waiting=''
        for container in "$@"; do
          state=$("$runtime" inspect --format '{''{.State.Status}''}' "$container")
          [ "$state" = running ] || waiting="$waiting $container ($state)"
        done
        steady=$((steady + 1))
        [ -z "$waiting" ] || steady=0
        [ "$waited" -lt "$seconds" ] || [ -z "$waiting" ] || fail 1 "not running after $seconds s:$waiting"
        sleep 1
        waited=$((waited + 1))
      done
      "$runtime" ps
    `,
    windows: ({ names, seconds }) => ps`
      $ErrorActionPreference = 'Stop'
      $seconds = ${seconds}
      $names = ${names}
      if (-not (Get-Command docker -ErrorAction SilentlyContinue)) { [Console]::Error.WriteLine('docker is not installed'); exit 3 }
      if ($names.Count -eq 0) { $names = @(docker ps --quiet) }
      if ($names.Count -eq 0) { [Console]::Error.WriteLine('no container is running: name those to restart'); exit 4 }
      docker restart $names
      if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
      $format = '{' + '{.State.Status}' + '}'
      $deadline = (Get-Date).AddSeconds($seconds)
      do {
        Start-Sleep -Seconds 1
        $waiting = @($names | Where-Object { (docker inspect --format $format $_) -ne 'running' })
      } while ($waiting.Count -gt 0 -and (Get-Date) -lt $deadline)
      if ($waiting.Count -gt 0) { [Console]::Error.WriteLine("not running after $seconds s: $waiting"); exit 1 }
      docker ps
    `,
  }),

  'container-logs': command({
    description: 'Shows the last lines that a container has logged.',
    parameters: {
      container: text({ description: 'Name or id.', ...CONTAINER }),
      lines: integer({ description: 'How many.', unit: 'lines', minimum: 1, maximum: 10_000, default: 100 }),
      since: text({
        description: 'No older than this; any age if empty.',
        pattern: /^(?:|\d{1,6}[smh]|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)$/,
        rule: 'a duration such as 90s, 15m or 24h, or a time such as 2026-01-05T09:00:00Z',
        default: '',
      }),
    },
    linux: ({ container, lines, since }) => sh`
      set -eu
      container=${container}
      lines=${lines}
      since=${since}
      runtime=$(command -v docker || command -v podman) || { echo 'neither docker nor podman is installed' >&2; exit 3; }
      set -- --tail "$lines"
      [ -z "$since" ] || set -- "$@" --since "$since"
      "$runtime" logs "$@" "$container" 2>&1
    `,
    windows: ({ container, lines, since }) => ps`
      $container = ${container}
      $lines = ${lines}
      $since = ${since}
      if (-not (Get-Command docker -ErrorAction SilentlyContinue)) { [Console]::Error.WriteLine('docker is not installed'); exit 3 }
      if ($since) { docker logs --tail $lines --since $since $container } else { docker logs --tail $lines $container }
      exit $LASTEXITCODE
    `,
  }),

  'clear-directory': command({
    description: 'Deletes old files in a directory and below it; directories, links and other file systems stay.',
    parameters: {
      path: path({ description: 'The directory.', under: CLEARABLE }),
      days: integer({
        description: 'Only files that were not changed for so long; 0 for all.',
        unit: 'days',
        minimum: 0,
        maximum: 3650,
        default: 7,
      }),
      preview: flag({ description: 'Shows what would go, and deletes nothing.' }),
    },
    linux: ({ path: directory, days, preview }) => sh`
      set -eu
      directory=${directory}
      days=${days}
      preview=${preview}
      set -- ${CLEARABLE}
      fail() { echo "$2" >&2; exit "$1"; }
      # From here on the directory is where this shell stands: nobody can put a link in its place.
      cd -P -- "$directory" || fail 2 "$directory is no directory that can be entered"
      here=$(pwd -P)
      inside=no
      for root in "$@"; do
        case "$here/" in "$root"/*) inside=yes ;; esac
      done
      [ "$inside" = yes ] || fail 2 "$directory leads to $here, which is not to be cleared"
      set --
      [ "$days" -eq 0 ] || set -- -mtime "+$((days - 1))"
      status=0
      verb='were deleted'
      if [ "$preview" = true ]; then
        verb='would be deleted'
        find . -xdev -type f "$@" -print
        sizes=$(find . -xdev -type f "$@" -printf '%s\\n') || status=$?
      else
        sizes=$(find . -xdev -type f "$@" -delete -printf '%s\\n') || status=$?
      fi
      files=$(printf '%s\\n' "$sizes" | awk 'NF { n++ } END { print n + 0 }')
      bytes=$(printf '%s\\n' "$sizes" | awk '{ sum += $1 } END { printf "%.0f", sum }')
      echo "$files files, $bytes bytes, $verb under $here"
      df -hP .
      exit "$status"
    `,
    windows: ({ path: directory, days, preview }) => ps`
      $ErrorActionPreference = 'Stop'
      $directory = ${directory}
      $days = ${days}
      $preview = ${preview}
      $roots = ${CLEARABLE}
      $link = [IO.FileAttributes]::ReparsePoint
      if (-not (Test-Path -LiteralPath $directory -PathType Container)) { [Console]::Error.WriteLine("$directory is no directory"); exit 2 }
      $here = Get-Item -LiteralPath $directory -Force
      for ($above = $here; $above; $above = $above.Parent) {
        if ($above.Attributes -band $link) { [Console]::Error.WriteLine("$($above.FullName) is a link"); exit 2 }
      }
      $inside = $roots | Where-Object { "$($here.FullName)\\".StartsWith("$_\\", [StringComparison]::OrdinalIgnoreCase) }
      if (-not $inside) { [Console]::Error.WriteLine("$($here.FullName) is not to be cleared"); exit 2 }
      $before = (Get-Date).ToUniversalTime().AddDays(-$days)
      function Find-Old([IO.DirectoryInfo] $Directory) {
        foreach ($item in Get-ChildItem -LiteralPath $Directory.FullName -Force) {
          if ($item.Attributes -band $link) { continue }
          if ($item.PSIsContainer) { Find-Old $item } elseif ($item.LastWriteTimeUtc -le $before) { $item }
        }
      }
      $files = 0
      $bytes = 0
      $status = 0
      foreach ($file in @(Find-Old $here)) {
        try {
          if ($preview) { Write-Output $file.FullName } else { Remove-Item -LiteralPath $file.FullName -Force }
          $files++
          $bytes += $file.Length
        } catch { [Console]::Error.WriteLine("$($file.FullName): $_"); $status = 1 }
      }
      $verb = if ($preview) { 'would be deleted' } else { 'were deleted' }
      Write-Output "$files files, $bytes bytes, $verb under $($here.FullName)"
      exit $status
    `,
  }),

  'rotate-logs': command({
    description: 'Rotates logs at once by a logrotate configuration, and drops old entries of the journal.',
    parameters: {
      configuration: path({
        description: 'The configuration.',
        under: ['/etc'],
        default: '/etc/logrotate.conf',
      }),
      days: integer({
        description: 'How old the journal may be; 0 leaves it alone.',
        unit: 'days',
        minimum: 0,
        maximum: 3650,
        default: 7,
      }),
    },
    linux: ({ configuration, days }) => sh`
      set -eu
      configuration=${configuration}
      days=${days}
      fail() { echo "$2" >&2; exit "$1"; }
      command -v logrotate >/dev/null || fail 3 'logrotate is not installed'
      [ -f "$configuration" ] || fail 2 "$configuration does not exist"
      logrotate --force "$configuration"
      echo "rotated by $configuration"
      [ "$days" -gt 0 ] || exit 0
      command -v journalctl >/dev/null || fail 3 'this machine has no journalctl; the logs are rotated'
      journalctl --rotate
      journalctl --vacuum-time="$days"d
    `,
  }),

  'collect-logs': command({
    description: "Packs logs into one archive and writes it to S3 with the instance's own role.",
    parameters: {
      destination: s3Uri({ description: 'Where the archive goes.', of: 'prefix' }),
      paths: paths({ description: 'Files and directories.', under: LOG_DIRECTORIES, default: ['/var/log'] }),
      hours: integer({
        description: 'How much of the journal to add; 0 for none.',
        unit: 'hours',
        minimum: 0,
        maximum: 720,
        default: 24,
      }),
    },
    linux: ({ destination, paths: chosen, hours }) => sh`
      set -eu
      destination=${destination}
      hours=${hours}
      roots=${LOG_DIRECTORIES.join(' ')}
      set -- ${chosen}
      fail() { echo "$2" >&2; exit "$1"; }
      PATH="$PATH:/usr/local/bin:/snap/bin"
      command -v aws >/dev/null || fail 3 'the AWS CLI is not installed'
      for path in "$@"; do
        [ -e "$path" ] || fail 2 "$path does not exist"
        real=$(readlink -f -- "$path")
        inside=no
        for root in $roots; do
          case "$real/" in "$root"/*) inside=yes ;; esac
        done
        [ "$inside" = yes ] || fail 2 "$path leads to $real, which is not to be collected"
        set -- "$@" ".$real"
        shift
      done
      work=$(mktemp -d /var/tmp/collect-logs.XXXXXXXXXX)
      finish() { rm -rf -- "$work"; exit "$1"; }
      if [ "$hours" -gt 0 ] && command -v journalctl >/dev/null; then
        journalctl --no-pager --since "$hours hours ago" > "$work/journal.txt" || finish $?
        set -- "$@" ".$work/journal.txt"
      fi
      archive="logs-$AWS_SSM_INSTANCE_ID-$(date -u +%Y%m%dT%H%M%SZ).tar.gz"
      status=0
      tar -czf "$work/$archive" -C / "$@" || status=$?
      # 1 says that a file changed while it was read, as logs do.
      [ "$status" -le 1 ] || finish "$status"
      aws s3 cp --only-show-errors "$work/$archive" "$destination/$archive" || finish $?
      echo "$destination/$archive"
      finish 0
    `,
  }),

  'run-script': command({
    description: "Fetches a script from S3 with the instance's own role, verifies its SHA-256, runs it and removes it.",
    parameters: {
      source: s3Uri({ description: 'The script.', of: 'object' }),
      sha256: sha256({ description: 'What the script has to hash to; nothing runs otherwise.' }),
      arguments: texts({
        description: 'Arguments of the script.',
        rule: 'text',
        default: [],
      }),
      interpreter: choice({
        description: 'What runs it on Linux; on Windows it is PowerShell.',
        of: ['bash', 'sh', 'python3'],
        default: 'bash',
      }),
    },
    linux: ({ source, sha256: expected, arguments: given, interpreter }) => sh`
      set -eu
      source=${source}
      expected=${expected}
      interpreter=${interpreter}
      set -- ${given}
      fail() { echo "$2" >&2; exit "$1"; }
      PATH="$PATH:/usr/local/bin:/snap/bin"
      for tool in aws sha256sum "$interpreter"; do
        command -v "$tool" >/dev/null || fail 3 "$tool is not installed"
      done
      work=$(mktemp -d /var/tmp/run-script.XXXXXXXXXX)
      finish() { rm -rf -- "$work"; exit "$1"; }
      aws s3 cp --only-show-errors "$source" "$work/script" || finish $?
      actual=$(sha256sum "$work/script") || finish $?
      actual=$(echo "$actual" | cut -d ' ' -f 1)
      if [ "$actual" != "$expected" ]; then
        echo "$source has the SHA-256 $actual, not $expected: it was not run" >&2
        finish 4
      fi
      status=0
      "$interpreter" "$work/script" "$@" || status=$?
      finish "$status"
    `,
    windows: ({ source, sha256: expected, arguments: given }) => ps`
      $ErrorActionPreference = 'Stop'
      $source = ${source}
      $expected = ${expected}
      $given = ${given}
      $work = Join-Path $env:SystemRoot "Temp\\run-script-$([guid]::NewGuid())"
      New-Item -ItemType Directory -Path $work | Out-Null
      $status = 0
      try {
        icacls $work /inheritance:r /grant '*S-1-5-18:(OI)(CI)F' | Out-Null
        if ($LASTEXITCODE -ne 0) { throw 'the temporary directory cannot be made private' }
        $script = Join-Path $work 'script.ps1'
        $bucket, $key = $source.Substring(5) -split '/', 2
        Read-S3Object -BucketName $bucket -Key $key -File $script | Out-Null
        $actual = (Get-FileHash -LiteralPath $script -Algorithm SHA256).Hash
        if ($actual -ne $expected) {
          [Console]::Error.WriteLine("$source has the SHA-256 $actual, not $($expected): it was not run")
          $status = 4
        } else {
          $ErrorActionPreference = 'Continue'
          $global:LASTEXITCODE = 0
          & $script @given
          $status = $LASTEXITCODE
        }
      } finally { Remove-Item -LiteralPath $work -Recurse -Force }
      exit $status
    `,
  }),

  'rerun-user-data': command({
    description: 'Runs the user data of the instance again: its scripts by cloud-init, on Windows by EC2Launch v2.',
    parameters: {
      reset: flag({
        description:
          "Windows: lets EC2Launch run everything again that is meant for the first boot, the Administrator's password included. Without it, only user data with <persist>true</persist> runs again. Linux has no use for it.",
      }),
    },
    linux: ({ reset }) => sh`
      set -eu
      reset=${reset}
      fail() { echo "$2" >&2; exit "$1"; }
      [ "$reset" = false ] || fail 2 'reset is for Windows: leave it out'
      command -v cloud-init >/dev/null || fail 3 'cloud-init is not installed'
      [ -s /var/lib/cloud/instance/user-data.txt ] || fail 4 'this instance has no user data'
      # It may be at it still; that it failed before may be why it is to run again.
      cloud-init status --wait >/dev/null || true
      cloud-init single --name scripts-user --frequency always
    `,
    windows: ({ reset }) => ps`
      $ErrorActionPreference = 'Stop'
      $reset = ${reset}
      $agent = Join-Path $env:ProgramFiles 'Amazon\\EC2Launch\\EC2Launch.exe'
      if (-not (Test-Path -LiteralPath $agent)) { [Console]::Error.WriteLine('EC2Launch v2 is not installed'); exit 3 }
      if ($reset) {
        & $agent reset
        if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
      }
      & $agent run
      exit $LASTEXITCODE
    `,
  }),

  'restart-ssm-agent': command({
    description: 'Restarts the SSM Agent after the command has ended.',
    parameters: {
      seconds: integer({
        description: 'How long to wait, so that the agent can tell how this command ended.',
        unit: 'seconds',
        minimum: 5,
        maximum: 300,
        default: 15,
      }),
    },
    linux: ({ seconds }) => sh`
      set -eu
      seconds=${seconds}
      for unit in amazon-ssm-agent.service snap.amazon-ssm-agent.amazon-ssm-agent.service; do
        if systemctl cat -- "$unit" >/dev/null 2>&1; then
          systemd-run --on-active="$seconds" --timer-property=AccuracySec=1s systemctl restart "$unit"
          echo "$unit restarts in $seconds s"
          exit 0
        fi
      done
      echo 'this machine has no unit of the SSM Agent' >&2
      exit 4
    `,
    windows: ({ seconds }) => ps`
      $ErrorActionPreference = 'Stop'
      $seconds = ${seconds}
      $restart = '-NoProfile -NonInteractive -Command "Restart-Service -Name AmazonSSMAgent -Force"'
      $action = New-ScheduledTaskAction -Execute 'powershell.exe' -Argument $restart
      $trigger = New-ScheduledTaskTrigger -Once -At (Get-Date).AddSeconds($seconds)
      $principal = New-ScheduledTaskPrincipal -UserId 'SYSTEM' -RunLevel Highest
      Register-ScheduledTask -TaskName 'restart-ssm-agent' -Action $action -Trigger $trigger -Principal $principal -Force | Out-Null
      Write-Output "AmazonSSMAgent restarts in $seconds s"
    `,
  }),
} satisfies Catalogue;
