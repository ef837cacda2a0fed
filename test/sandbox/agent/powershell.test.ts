import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { machine } from './machine.ts';

const run = (text: string, options: { killAfter?: number } = {}) => machine({ platform: 'Windows' }).run(text, options);

describe('the stand-in for PowerShell', () => {
  it.each([
    [`Write-Output "on $env:COMPUTERNAME" 'it''s $x'`, "on IP-10-0-0-5\r\nit's $x\r\n"],
    ['$x = "v"; "got $x`tand `$x"', 'got v\tand $x\r\n'],
    ['hostname # a comment', 'ip-10-0-0-5\r\n'],
    ['Get-Date', '\r\nMonday, January 5, 2026 9:00:00 AM\r\n\r\n'],
    ['Get-Service | Where-Object {$_.Status -eq "Stopped"} | Select-Object -ExpandProperty Name', 'broken\r\n'],
    [
      'Get-Service | Where-Object Status -eq Running | Sort-Object Name | ft Name',
      '\r\nName\r\n----\r\ndocker\r\nnginx\r\n\r\n',
    ],
    [
      'Get-CimInstance Win32_LogicalDisk | Select-Object -First 1 DeviceID, Size',
      '\r\nDeviceID        Size\r\n--------        ----\r\nC:       53687091200\r\n\r\n',
    ],
    [
      'function Say([string] $What, [scriptblock] $Do) {\n  Write-Output "<$What>"\n  & $Do\n}\nSay "hi" { hostname }',
      '<hi>\r\nip-10-0-0-5\r\n',
    ],
    [
      'try { docker ps } catch { Write-Output "no: $_" }',
      expect.stringMatching(/^no: docker : The term 'docker' is not recognized/),
    ],
    ['((Get-Date) - (Get-CimInstance Win32_OperatingSystem).LastBootUpTime).TotalHours', '26\r\n'],
  ])('%s', async (text, stdout) => {
    expect(await run(text)).toEqual({ exitCode: 0, stdout, stderr: '' });
  });

  it('ends as exit and throw say', async () => {
    expect(await run('echo a; exit 7; echo b')).toEqual({ exitCode: 7, stdout: 'a\r\n', stderr: '' });
    expect(await run('throw "boom"')).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^boom\r\n/) });
  });

  it('says what it does not know, and goes no further', async () => {
    const { exitCode, stdout, stderr } = await run('echo a\nRemove-Everything -Force\necho b');
    expect([exitCode, stdout]).toEqual([1, 'a\r\n']);
    expect(stderr).toContain("The term 'Remove-Everything' is not recognized");
    expect((await run('"never ends')).stderr).toContain('missing the terminator');
    expect((await run('foreach ($x in 1) { $x }')).exitCode).toBe(1);
    expect((await run('echo $(hostname)')).exitCode).toBe(1);
  });

  it('is killed while it sleeps', async () => {
    expect(await run('echo a; Start-Sleep 100', { killAfter: 3000 })).toEqual({
      exitCode: 137,
      stdout: 'a\r\n',
      stderr: '',
    });
  });

  it('prints any literal as it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 40 }), async (text) => {
        expect((await run(`Write-Output '${text.replaceAll("'", "''")}'`)).stdout).toBe(`${text}\r\n`);
      }),
      { numRuns: 100, seed: 1 },
    );
  });
});
