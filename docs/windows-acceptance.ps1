#Requires -Version 5.1
<#
.SYNOPSIS
Checks on real Windows what Wine can't show about the Countersign agent. See docs/windows-verified.md.

.DESCRIPTION
Run it on a machine for tests, with the agent installed and enrolled or with its package at hand, from an elevated Windows PowerShell or PowerShell 7. Each step prints PASS, FAIL or SKIP with
the reason. What a step makes it removes again, also when it fails; the
agent's process, which it kills once, Windows starts again. Ends with exit code 1 if a step failed.

-Tests  a folder with the executables that were cross-built on Linux: look.exe and quiet_service.exe (in a folder `examples`
        beside it or in it), and the test executables win-*.exe, services-*.exe and agent-*.exe. (it-*.exe know the folder
        that they were built in, and run only there.)
-Msi    the agent's package; without it the steps about installing are skipped.
-Url, -Token, -Ca   what the package enrols with; -Ca only where the server's certificate is not publicly trusted.

.EXAMPLE
.\windows-acceptance.ps1 -Tests C:\countersign-tests\deps -Msi C:\countersign-agent.msi -Url https://countersign.example.com -Token ...
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)][string]$Tests,
    [string]$Msi,
    [string]$Url,
    [string]$Token,
    [string]$Ca
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
$script:Passed = 0
$script:Failed = 0
$script:Skipped = 0
$script:installed = $false

$Service = 'CountersignAgent'
$Data = Join-Path $env:ProgramData 'Countersign\agent'
$Scratch = Join-Path $env:TEMP ('countersign-acceptance-' + [Guid]::NewGuid().ToString('N'))
$Look = @((Join-Path $Tests 'look.exe'), (Join-Path $Tests 'examples\look.exe'), (Join-Path (Split-Path $Tests -Parent) 'examples\look.exe')) |
    Where-Object { Test-Path -LiteralPath $_ } | Select-Object -First 1

function Skip([string]$Why) { throw "SKIP:$Why" }

function Assert([bool]$Holds, [string]$Why) { if (-not $Holds) { throw $Why } }

# Runs one step. Its script block throws when something is wrong.
function Step([string]$Name, [scriptblock]$What) {
    try {
        & $What | Out-Null
        $script:Passed++
        Write-Host "PASS  $Name" -ForegroundColor Green
    } catch {
        $why = $_.Exception.Message
        if ($why.StartsWith('SKIP:')) {
            $script:Skipped++
            Write-Host "SKIP  $Name - $($why.Substring(5))" -ForegroundColor Yellow
        } else {
            $script:Failed++
            Write-Host "FAIL  $Name - $why" -ForegroundColor Red
        }
    }
}

# Runs a program; gives its exit code and both outputs. Arguments are quoted as CommandLineToArgvW reads them.
function Invoke-Program([string]$Program, [string[]]$Arguments, [int]$Seconds = 300) {
    $info = New-Object System.Diagnostics.ProcessStartInfo
    $info.FileName = $Program
    $quoted = foreach ($a in $Arguments) {
        if ($a -match '[\s"]' -or $a -eq '') {
            '"' + ($a -replace '(\\*)"', '$1$1\"' -replace '(\\+)$', '$1$1') + '"'
        } else { $a }
    }
    $info.Arguments = ($quoted -join ' ')
    $info.WorkingDirectory = $Scratch
    $info.UseShellExecute = $false
    $info.CreateNoWindow = $true
    $info.RedirectStandardOutput = $true
    $info.RedirectStandardError = $true
    $info.StandardOutputEncoding = [Text.Encoding]::UTF8
    $info.StandardErrorEncoding = [Text.Encoding]::UTF8
    $process = [System.Diagnostics.Process]::Start($info)
    $out = $process.StandardOutput.ReadToEndAsync()
    $err = $process.StandardError.ReadToEndAsync()
    if (-not $process.WaitForExit($Seconds * 1000)) {
        $process.Kill()
        throw "$Program did not end within $Seconds s"
    }
    $process.WaitForExit()
    New-Object PSObject -Property @{ Code = $process.ExitCode; Out = $out.Result; Err = $err.Result }
}

# What look.exe finds, line by line; it must succeed.
function Look([string[]]$Arguments) {
    $run = Invoke-Program $Look $Arguments
    Assert ($run.Code -eq 0) "look $($Arguments -join ' '): $($run.Err.Trim())"
    @($run.Out -split "`r?`n" | Where-Object { $_ -ne '' })
}

# What look.exe says when it fails; it must fail.
function LookFails([string[]]$Arguments) {
    $run = Invoke-Program $Look $Arguments
    Assert ($run.Code -ne 0) "look $($Arguments -join ' ') succeeded and must not"
    $run.Err
}

# A step that is one question.
function Check([string]$Question, [scriptblock]$Answer) {
    Step $Question { Assert ([bool](& $Answer)) 'it does not hold' }
}

# Runs a script as agent/src/run/windows/powershell.rs does.
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

New-Item -ItemType Directory -Path $Scratch | Out-Null
try {
    Write-Host "Countersign agent on $([Environment]::OSVersion.VersionString), PowerShell $($PSVersionTable.PSVersion)"

    Step 'This console is elevated, and the system is 64-bit' {
        $me = New-Object Security.Principal.WindowsPrincipal ([Security.Principal.WindowsIdentity]::GetCurrent())
        Assert ($me.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) 'start PowerShell as administrator'
        Assert ([Environment]::Is64BitProcess) 'start the 64-bit PowerShell'
        Assert ($null -ne $Look) "there is no look.exe in or beside $Tests"
    }

    # --- the tests that were built on Linux, on the real system -------------------------------------------------------
    foreach ($exe in @(Get-ChildItem -LiteralPath $Tests -Filter '*.exe' | Where-Object { $_.BaseName -match '^(win|services|agent)-[0-9a-f]{16}$' })) {
        Step "Tests in $($exe.Name)" {
            $run = Invoke-Program $exe.FullName @('--test-threads=1') 1200
            $failed = @($run.Out -split "`r?`n" | Where-Object { $_ -match '\.\.\. FAILED' })
            Assert ($run.Code -eq 0) ("exit code $($run.Code): " + ($failed -join '; '))
        }
    }

    # --- event logs ---------------------------------------------------------------------------------------------------
    Step 'The log System of the last day is what Get-WinEvent finds, oldest first, with messages' {
        $lines = @(Look @('events', 'sYsTeM', '1440') | ForEach-Object { , ($_ -split "`t", 4) })
        $theirs = @(Get-WinEvent -FilterHashtable @{ LogName = 'System'; StartTime = (Get-Date).AddMinutes(-1430) } -ErrorAction SilentlyContinue)
        Assert ($theirs.Count -gt 0) 'the log has no entries of the last day; restart a service and try again'
        $ours = @{}
        foreach ($l in $lines) { $ours[[long]$l[0]] = $l }
        foreach ($t in $theirs) {
            Assert ($ours.ContainsKey([long]$t.RecordId)) "record $($t.RecordId) is missing"
            $l = $ours[[long]$t.RecordId]
            Assert ([long]$l[1] -eq [long]$t.Id) "record $($t.RecordId) has event $($l[1]), not $($t.Id)"
            Assert ($l[2] -eq $t.ProviderName) "record $($t.RecordId) is by $($l[2]), not $($t.ProviderName)"
        }
        $ids = @($lines | ForEach-Object { [long]$_[0] })
        Assert ((@($ids | Sort-Object) -join ',') -eq ($ids -join ',')) 'the entries are not in order'
        $withMessage = @($lines | Where-Object { $_.Count -ge 4 -and $_[3] -ne '' })
        Assert ($withMessage.Count -gt 0) 'no entry has a message'
    }
    Step 'A log that is not there is said not to be there' {
        Assert ((LookFails @('events', 'No-Such-Log', '60')) -match 'no such log') 'another error came'
    }

    # --- the registry -------------------------------------------------------------------------------------------------
    Step 'CurrentControlSet is told by that name though it is a link' {
        $real = (Look @('key', 'HKLM', 'SYSTEM\CurrentControlSet\Services'))[0]
        Assert ($real -eq 'HKLM\SYSTEM\CurrentControlSet\Services') "it is $real"
        $current = (Get-ItemProperty 'HKLM:\SYSTEM\Select').Current
        $real = (Look @('key', 'HKLM', ('SYSTEM\ControlSet{0:d3}\Services' -f $current)))[0]
        Assert ($real -eq 'HKLM\SYSTEM\CurrentControlSet\Services') "the same key by its number is $real"
    }
    Step 'A key that the account may not read is said to be denied' {
        Assert ((LookFails @('key', 'HKLM', 'SAM\SAM\Domains')) -match 'error 5\)') 'another error came'
    }
    Step 'The values of a key are those that PowerShell finds' {
        $path = 'SOFTWARE\Microsoft\Windows NT\CurrentVersion'
        $key = Get-Item "HKLM:\$path"
        $ours = @(Look @('key', 'HKLM', $path) | Select-Object -Skip 1 | ForEach-Object { ($_ -split "`t")[0] } | Sort-Object)
        $theirs = @($key.GetValueNames() | Sort-Object)
        Assert (($ours -join '|') -eq ($theirs -join '|')) 'the names differ'
    }

    # --- files --------------------------------------------------------------------------------------------------------
    $out = Join-Path $Scratch 'out'
    $in = Join-Path $Scratch 'in'
    New-Item -ItemType Directory -Path $out, $in | Out-Null
    $secret = Join-Path $out 'A long file name.txt'
    Set-Content -LiteralPath $secret -Value 'x'
    $real = (Get-Item -LiteralPath $secret).FullName
    # TEMP may itself be written with short names; what look.exe says of the file itself is the measure.
    $measure = (Look @('file', $real))[0]
    Step 'A junction is told by where it leads' {
        New-Item -ItemType Junction -Path (Join-Path $in 'junction') -Target $out | Out-Null
        Assert ((Look @('file', (Join-Path $in 'junction\A long file name.txt')))[0] -eq $measure) 'it hides its target'
    }
    Step 'A symbolic link is told by where it leads' {
        New-Item -ItemType SymbolicLink -Path (Join-Path $in 'link.txt') -Target $secret | Out-Null
        Assert ((Look @('file', (Join-Path $in 'link.txt')))[0] -eq $measure) 'it hides its target'
    }
    Step 'A short name is told by the long one' {
        $short = (New-Object -ComObject Scripting.FileSystemObject).GetFile($secret).ShortPath
        if ((Split-Path $short -Leaf) -notmatch '~') { Skip 'this volume makes no short names' }
        Assert ((Look @('file', $short))[0] -eq $measure) 'it hides the long name'
    }
    Step 'A path beyond 260 characters says where it is' {
        $deep = '\\?\' + $Scratch
        # By cmd: the .NET of Windows PowerShell does not take such paths on every system.
        1..6 | ForEach-Object { $deep = $deep + '\' + ('folder-with-a-long-name-' * 3) }
        & "$env:SystemRoot\System32\cmd.exe" /c "mkdir `"$deep`""
        & "$env:SystemRoot\System32\cmd.exe" /c "echo x>`"$deep\File.txt`""
        $line = (Look @('file', "$deep\File.txt".Substring(4)))[0]
        Assert ($line -match 'File\.txt' -and $line.Length -gt 400) "it is $line"
    }
    Step 'A file that a program has for itself is said to be in use, and one that is shared is read' {
        $alone = [IO.File]::Open((Join-Path $out 'alone'), 'Create', 'Write', 'None')
        $shared = [IO.File]::Open((Join-Path $out 'shared'), 'Create', 'Write', 'ReadWrite')
        try {
            Assert ((LookFails @('file', (Join-Path $out 'alone'))) -match 'error 32\)') 'another error came'
            Look @('file', (Join-Path $out 'shared'))
        } finally { $alone.Close(); $shared.Close() }
    }
    Step 'A file that the account may not read is said to be denied' {
        $file = Join-Path $out 'denied'
        Set-Content -LiteralPath $file -Value 'x'
        $acl = Get-Acl -LiteralPath $file
        $me = [Security.Principal.WindowsIdentity]::GetCurrent().User
        $rule = New-Object Security.AccessControl.FileSystemAccessRule ($me, 'ReadData', 'Deny')
        $acl.AddAccessRule($rule)
        Set-Acl -LiteralPath $file -AclObject $acl
        try {
            Assert ((LookFails @('file', $file)) -match 'error 5\)') 'another error came'
        } finally {
            [void]$acl.RemoveAccessRule($rule)
            Set-Acl -LiteralPath $file -AclObject $acl
        }
    }

    # --- services -----------------------------------------------------------------------------------------------------
    Step 'What depends on a service, and what it needs, is what Get-Service finds' {
        $name = 'RpcSs'
        $lines = Look @('service', 'rPcSs')
        Assert ($lines -contains "name`t$((Get-Service $name).Name)") 'the spelling differs'
        $ours = @($lines | Where-Object { $_ -match "^dependant`t" } | ForEach-Object { ($_ -split "`t")[1].ToLowerInvariant() } | Sort-Object -Unique)
        $theirs = @((Get-Service $name).DependentServices | ForEach-Object { $_.Name.ToLowerInvariant() } | Sort-Object -Unique)
        $missing = @($theirs | Where-Object { $ours -notcontains $_ })
        Assert ($missing.Count -eq 0) "missing: $($missing -join ', ')"
        $needs = @($lines | Where-Object { $_ -match "^needs`t" }).Count
        Assert ($needs -eq @((Get-Service $name).RequiredServices).Count) 'what it needs differs'
    }

    # --- the network --------------------------------------------------------------------------------------------------
    Step 'The addresses are those that Get-NetIPAddress finds' {
        $ours = @(Look @('adapters') | ForEach-Object { ($_ -split "`t")[1] } | Sort-Object -Unique)
        $theirs = @(Get-NetIPAddress | Where-Object { $_.AddressState -eq 'Preferred' } | ForEach-Object { ($_.IPAddress -split '%')[0] } | Sort-Object -Unique)
        $missing = @($theirs | Where-Object { $ours -notcontains $_ })
        Assert ($missing.Count -eq 0) "missing: $($missing -join ', ')"
    }

    # --- accounts and secrets -----------------------------------------------------------------------------------------
    Step 'LocalSystem opens what this account sealed, and is named' {
        $task = 'CountersignAcceptance-' + [Guid]::NewGuid().ToString('N')
        $sealed = Join-Path $Scratch 'sealed'
        $opened = Join-Path $Scratch 'opened'
        Look @('seal', $sealed)
        $command = "/c `"`"$Look`" open `"$sealed`" > `"$opened`" 2>&1 & `"$Look`" account >> `"$opened`" 2>&1`""
        $action = New-ScheduledTaskAction -Execute "$env:SystemRoot\System32\cmd.exe" -Argument $command
        $principal = New-ScheduledTaskPrincipal -UserId 'S-1-5-18' -LogonType ServiceAccount -RunLevel Highest
        Register-ScheduledTask -TaskName $task -Action $action -Principal $principal | Out-Null
        try {
            Start-ScheduledTask -TaskName $task
            $until = (Get-Date).AddSeconds(30)
            do { Start-Sleep -Milliseconds 300; $text = @(Get-Content -LiteralPath $opened -ErrorAction SilentlyContinue) }
            while ($text.Count -lt 2 -and (Get-Date) -lt $until)
            Assert ($text.Count -ge 2) 'the task of LocalSystem wrote nothing within 30 s'
            Assert ($text[0] -eq 'sealed by the acceptance test') "it read: $($text[0])"
            Assert ($text[1] -match '\\') "the account is: $($text[1])"
        } finally {
            Unregister-ScheduledTask -TaskName $task -Confirm:$false
        }
    }

    # --- PowerShell, with the agent's own text around scripts --------------------------------------------------------
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

    # --- the package and the service ----------------------------------------------------------------------------------
    Step 'The package installs without a question and shows in the list of programs' {
        if (-not $Msi) { Skip 'no -Msi was given' }
        Assert (-not (Get-Service $Service -ErrorAction SilentlyContinue)) 'an agent is installed already; use another machine'
        $arguments = @('/i', (Resolve-Path -LiteralPath $Msi).Path, '/qn', '/l*v', (Join-Path $Scratch 'msi.log'))
        if ($Url) { $arguments += "URL=$Url" }
        if ($Token) { $arguments += "TOKEN=$Token" }
        if ($Ca) { $arguments += "CA=$Ca" }
        $run = Invoke-Program "$env:SystemRoot\System32\msiexec.exe" $arguments 300
        Assert ($run.Code -eq 0) "msiexec ended with $($run.Code); its log is $Scratch\msi.log"
        $script:installed = $true
        $entries = @(Get-ItemProperty 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\*' |
                Where-Object { $_.PSObject.Properties['DisplayName'] -and $_.DisplayName -match 'Countersign' })
        Assert ($entries.Count -eq 1) "$($entries.Count) entries in the list of programs"
    }
    if (Get-Service $Service -ErrorAction SilentlyContinue) {
        # --- the data folder ----------------------------------------------------------------------------------------------------

        Check 'only the system and the administrators reach the data folder, and nothing is inherited' {
            $private = @($Data) + @(Get-ChildItem -Recurse -Force $Data | ForEach-Object FullName)
            $others = foreach ($path in $private) {
                (Get-Acl $path).Access | Where-Object { $_.AccessControlType -eq 'Allow' } | ForEach-Object {
                    $_.IdentityReference.Translate([Security.Principal.SecurityIdentifier]).Value
                } | Where-Object { $_ -notin 'S-1-5-18', 'S-1-5-32-544' }
            }
            -not $others -and (Get-Acl $Data).AreAccessRulesProtected
        }
        Check 'the device key is sealed' { (Get-Content -Raw (Join-Path $Data 'identity.json') | ConvertFrom-Json).sealed_by -eq 'dpapi' }
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
            $s = Get-CimInstance Win32_Service -Filter "Name='$Service'"
            $s.State -eq 'Running' -and $s.StartName -eq 'LocalSystem' -and $s.StartMode -eq 'Auto' -and $s.DelayedAutoStart
        }
        Check 'it listens on nothing' {
            $id = (Get-CimInstance Win32_Service -Filter "Name='$Service'").ProcessId
            -not (Get-NetTCPConnection -State Listen -OwningProcess $id -ErrorAction SilentlyContinue) -and
            -not (Get-NetUDPEndpoint -OwningProcess $id -ErrorAction SilentlyContinue)
        }
        Check 'it is started again after it was killed' {
            $before = (Get-CimInstance Win32_Service -Filter "Name='$Service'").ProcessId
            Stop-Process -Id $before -Force
            Start-Sleep -Seconds 12
            $now = Get-CimInstance Win32_Service -Filter "Name='$Service'"
            $now.State -eq 'Running' -and $now.ProcessId -ne $before
        }
        Check 'its entries in the event log are shown as text' {
            $entries = Get-WinEvent -FilterHashtable @{ LogName = 'Application'; ProviderName = $Service } -MaxEvents 5
            $entries -and -not ($entries | Where-Object { -not $_.Message -or $_.Message -match 'cannot be found' })
        }
    } else {
        Step 'The installed agent' { Skip 'no agent is installed, and no -Msi was given' }
    }

    Step 'The package is removed, with service and entry in the list of programs' {
        if (-not $script:installed) { Skip 'the agent was not installed' }
        $run = Invoke-Program "$env:SystemRoot\System32\msiexec.exe" @('/x', (Resolve-Path -LiteralPath $Msi).Path, '/qn') 300
        Assert ($run.Code -eq 0) "msiexec ended with $($run.Code)"
        Assert (-not (Get-Service $Service -ErrorAction SilentlyContinue)) 'the service is still there'
        $entries = @(Get-ItemProperty 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\*' |
                Where-Object { $_.PSObject.Properties['DisplayName'] -and $_.DisplayName -match 'Countersign' })
        Assert ($entries.Count -eq 0) 'it is still in the list of programs'
        $script:installed = $false
    }
} finally {
    # Junctions and links go first, so that nothing that they lead to goes with them.
    foreach ($link in @('in\junction', 'in\link.txt')) {
        $path = Join-Path $Scratch $link
        if (Test-Path -LiteralPath $path) { (Get-Item -LiteralPath $path -Force).Delete() }
    }
    & "$env:SystemRoot\System32\cmd.exe" /c "rd /s /q `"\\?\$Scratch`""
    Write-Host "$($script:Passed) passed, $($script:Failed) failed, $($script:Skipped) skipped."
}
if ($script:Failed -gt 0) { exit 1 }
