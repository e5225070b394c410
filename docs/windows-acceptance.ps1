# What only real Windows can show about the agent (docs/windows.md, "Not verified here"). For a person, as an administrator,
# on a test machine on which the agent is enrolled and installed. Changes nothing but the service's process, which it kills
# once. Prints a line per check, and at the end how many failed; that is also the exit code.
#
#   powershell -NoProfile -ExecutionPolicy Bypass -File docs\windows-acceptance.ps1

$ErrorActionPreference = 'Stop'
$service = 'CountersignAgent'
$data = Join-Path $env:ProgramData 'Countersign\agent'
$failed = 0

function Check([string]$what, [scriptblock]$holds) {
    try { $well = [bool](& $holds) } catch { $well = $false; Write-Host "      $_" }
    if (-not $well) { $script:failed++ }
    Write-Host ("{0}  {1}" -f $(if ($well) { 'ok  ' } else { 'FAIL' }), $what)
}

# --- PowerShell: the agent's own text around scripts, as agent/src/run/windows/powershell.rs writes it ------------------

function Invoke-AsAgent([string]$shell, [string]$script) {
    $folder = Join-Path $env:TEMP ([guid]::NewGuid())
    $null = New-Item -ItemType Directory $folder
    $end = Join-Path $folder 'end'
    $quote = { param($text) "'" + ($text -replace "(['\u2018\u2019\u201a\u201b])", '$1$1') + "'" }
    $text = "`$ProgressPreference = 'SilentlyContinue'`n" +
        "try { [Console]::OutputEncoding = `$OutputEncoding = [Text.UTF8Encoding]::new(`$false) } catch { }`n" +
        "try { Microsoft.PowerShell.Utility\Invoke-Expression -Command $(& $quote $script) }`n" +
        "finally { Microsoft.PowerShell.Management\Set-Content -LiteralPath $(& $quote $end) -Value 'n0nce' -Encoding Ascii }`n"
    $encoded = [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($text))
    $start = [Diagnostics.ProcessStartInfo]::new($shell, "-NoLogo -NoProfile -NonInteractive -OutputFormat Text -EncodedCommand $encoded")
    $start.UseShellExecute = $false
    $start.CreateNoWindow = $true
    $start.RedirectStandardInput = $start.RedirectStandardOutput = $start.RedirectStandardError = $true
    $start.StandardOutputEncoding = [Text.UTF8Encoding]::new($false)
    $process = [Diagnostics.Process]::Start($start)
    $process.StandardInput.Close()
    $errors = $process.StandardError.ReadToEndAsync()
    $output = $process.StandardOutput.ReadToEnd()
    $process.WaitForExit()
    $shown = (Test-Path $end) -and ((Get-Content -Raw $end).Trim() -eq 'n0nce')
    Remove-Item -Recurse -Force $folder
    [pscustomobject]@{ Exit = $process.ExitCode; Out = $output; Err = $errors.Result; Shown = $shown }
}

$shells = @("$env:SystemRoot\System32\WindowsPowerShell\v1.0\powershell.exe", "$env:ProgramFiles\PowerShell\7\pwsh.exe")
foreach ($shell in $shells | Where-Object { Test-Path $_ }) {
    $name = Split-Path -Leaf $shell
    $euro = [string][char]0x20ac + [char]0x2019
    Check "${name}: output is UTF-8 and the end is shown" {
        $r = Invoke-AsAgent $shell "Write-Output 'it''s $euro$([char]0x2019)'"
        $r.Exit -eq 0 -and $r.Shown -and $r.Out.Trim() -eq "it's $euro"
    }
    Check "${name}: exit 3 gives 3, and the end is shown" {
        $r = Invoke-AsAgent $shell "Write-Output a`nexit 3"; $r.Exit -eq 3 -and $r.Shown
    }
    Check "${name}: an error that ends it gives 1, and the end is shown" {
        $r = Invoke-AsAgent $shell "throw 'broken'"; $r.Exit -eq 1 -and $r.Shown -and $r.Err -match 'broken'
    }
    Check "${name}: an error that does not end it gives 0, and goes to standard error" {
        $r = Invoke-AsAgent $shell "Write-Error 'soft'`nWrite-Output on"; $r.Exit -eq 0 -and $r.Shown -and $r.Err -match 'soft'
    }
    Check "${name}: a process that leaves by itself does not show the end" {
        $r = Invoke-AsAgent $shell "[Environment]::Exit(0)"; $r.Exit -eq 0 -and -not $r.Shown
    }
    Check "${name}: a text that can't be parsed fails" {
        $r = Invoke-AsAgent $shell "if ("; $r.Exit -eq 1
    }
    Check "${name}: param and using stand where they stand in a file" {
        $r = Invoke-AsAgent $shell "using namespace System.Text`nparam(`$a = 5)`n[StringBuilder]::new().Append(`$a).ToString()"
        $r.Exit -eq 0 -and $r.Out.Trim() -eq '5'
    }
    Check "${name}: no profile, no input" {
        $r = Invoke-AsAgent $shell "`$PROFILE.Count; [Console]::In.ReadToEnd().Length"; $r.Exit -eq 0 -and $r.Out -match '0\s*$'
    }
}

# --- the data folder ----------------------------------------------------------------------------------------------------

Check 'only the system and the administrators reach the data folder, and nothing is inherited' {
    $private = @($data) + @(Get-ChildItem -Recurse -Force $data | ForEach-Object FullName)
    $others = foreach ($path in $private) {
        (Get-Acl $path).Access | Where-Object { $_.AccessControlType -eq 'Allow' } | ForEach-Object {
            $_.IdentityReference.Translate([Security.Principal.SecurityIdentifier]).Value
        } | Where-Object { $_ -notin 'S-1-5-18', 'S-1-5-32-544' }
    }
    -not $others -and (Get-Acl $data).AreAccessRulesProtected
}
Check 'the device key is sealed' { (Get-Content -Raw (Join-Path $data 'identity.json') | ConvertFrom-Json).sealed_by -eq 'dpapi' }
Check 'only administrators can change the program' {
    $program = "$env:ProgramFiles\Countersign\countersign-agent.exe"
    -not ((Get-Acl $program).Access | Where-Object {
        $_.AccessControlType -eq 'Allow' -and $_.FileSystemRights -match 'Write|Modify|FullControl' -and
        $_.IdentityReference.Translate([Security.Principal.SecurityIdentifier]).Value -notin 'S-1-5-18', 'S-1-5-32-544' -and
        $_.IdentityReference -notmatch 'TrustedInstaller'
    })
}

# --- the service --------------------------------------------------------------------------------------------------------

Check 'the service runs as LocalSystem and starts with Windows, delayed' {
    $s = Get-CimInstance Win32_Service -Filter "Name='$service'"
    $s.State -eq 'Running' -and $s.StartName -eq 'LocalSystem' -and $s.StartMode -eq 'Auto' -and $s.DelayedAutoStart
}
Check 'it listens on nothing' {
    $id = (Get-CimInstance Win32_Service -Filter "Name='$service'").ProcessId
    -not (Get-NetTCPConnection -State Listen -OwningProcess $id -ErrorAction SilentlyContinue) -and
    -not (Get-NetUDPEndpoint -OwningProcess $id -ErrorAction SilentlyContinue)
}
Check 'it is started again after it was killed' {
    $before = (Get-CimInstance Win32_Service -Filter "Name='$service'").ProcessId
    Stop-Process -Id $before -Force
    Start-Sleep -Seconds 12
    $now = Get-CimInstance Win32_Service -Filter "Name='$service'"
    $now.State -eq 'Running' -and $now.ProcessId -ne $before
}
Check 'its entries in the event log are shown as text' {
    $entries = Get-WinEvent -FilterHashtable @{ LogName = 'Application'; ProviderName = $service } -MaxEvents 5
    $entries -and -not ($entries | Where-Object { -not $_.Message -or $_.Message -match 'cannot be found' })
}

Write-Host "$failed failed"
exit $failed
