# Tests a Windows build on a real Windows: every unit test program, then the harness against the real
# robocopy, then the gate.
#
# Usage: ci/windows/check.ps1 [-Bin build\mingw\bin] [-Report build\parity\ci.json] [-Suite ci]
#   -Bin is the folder of the programs: cross-compiled (ci/windows/check-mingw.sh) or built here.
param(
  [string]$Bin = "build\mingw\bin",
  [string]$Report = "build\parity\ci.json",
  [string]$Suite = "ci"
)
$ErrorActionPreference = "Stop"
Set-Location (Join-Path $PSScriptRoot "..\..")

$failed = @()
foreach ($test in Get-ChildItem $Bin -Filter "*_test.exe") {
  Write-Host "== $($test.BaseName)"
  # What asks the repository or a POSIX system is built for those only.
  $env:ROBOSYNC_BIN = Join-Path (Resolve-Path $Bin) "robosync.exe"
  & $test.FullName --gtest_brief=1
  if ($LASTEXITCODE -ne 0) { $failed += $test.BaseName }
}
if ($failed.Count -gt 0) {
  Write-Error "failed: $($failed -join ', ')" -ErrorAction Continue
  exit 1
}

New-Item -ItemType Directory -Force (Split-Path $Report) | Out-Null
& "$Bin\robosync-parity.exe" run --suite $Suite --tools robosync,robocopy `
  --robosync "$Bin\robosync.exe" --policy reports\policy.json --report $Report
if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
& "$Bin\robosync-parity.exe" gate $Report --policy reports\policy.json --slack 2
exit $LASTEXITCODE
