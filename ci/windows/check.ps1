# Tests a Windows build on a real Windows: every unit test program, with the table of robocopy's
# behaviour against robocopy itself; then the harness against the real robocopy, as many threads on
# both sides; then the gate.
#
# Usage: ci/windows/check.ps1 [-Bin build\mingw\bin] [-Report build\parity\ci.json] [-Suite ci]
#   -Bin is the folder of the programs: cross-compiled (ci/windows/check-mingw.sh) or built here.
param(
  [string]$Bin = "build\mingw\bin",
  [string]$Report = "build\parity\ci.json",
  [string]$Suite = "ci"
)
$ErrorActionPreference = "Stop"
# What a program prints to standard error, and an exit code, are looked at here, not thrown.
$PSNativeCommandUseErrorActionPreference = $false
Set-Location (Join-Path $PSScriptRoot "..\..")
$Bin = (Resolve-Path $Bin).Path
$env:ROBOSYNC_BIN = Join-Path $Bin "robosync.exe"
$env:ROBOSYNC_TEST_ROBOCOPY = Join-Path $env:SystemRoot "System32\Robocopy.exe"
$results = "build\test-results"
New-Item -ItemType Directory -Force $results | Out-Null
New-Item -ItemType Directory -Force (Split-Path $Report) | Out-Null

# Patterns of tests that may skip, as in ci/windows/skips.txt. What wine cannot show has to run here.
$allowed = @()
foreach ($line in Get-Content "ci\windows\skips-real.txt") {
  if ($line -match '^\s*($|#)') { continue }
  $pattern, $reason = $line -split '\s+', 2
  if (-not $reason) {
    Write-Host "ci\windows\skips-real.txt: $pattern has no reason"
    exit 1
  }
  $allowed += $pattern
}

$failed = @()
foreach ($test in Get-ChildItem $Bin -Filter "*_test.exe") {
  $layer = $test.BaseName -replace '_test$', ''
  # These read the repository in the place where the programs were built.
  if ($layer -eq "ci") { continue }
  Write-Host "== $layer"
  $json = Join-Path $results "$layer.json"
  & $test.FullName --gtest_brief=1 "--gtest_filter=-Documents.*" "--gtest_output=json:$json"
  if ($LASTEXITCODE -ne 0) { $failed += $layer }
  if (-not (Test-Path $json)) { continue }
  foreach ($group in (Get-Content -Raw $json | ConvertFrom-Json).testsuites) {
    foreach ($one in $group.testsuite) {
      $name = "$layer.$($group.name).$($one.name)"
      $may = @($allowed | Where-Object { $name -like $_ }).Count -gt 0
      if ($one.result -eq "SKIPPED" -and -not $may) {
        Write-Host "skipped, and not listed in ci\windows\skips-real.txt: $name"
        $failed += $name
      }
    }
  }
}
if ($failed.Count -gt 0) {
  Write-Host "failed: $($failed -join ', ')"
  exit 1
}

$parity = Join-Path $Bin "robosync-parity.exe"
& $parity run --suite $Suite --tools robosync,robocopy --threads 8 --robosync $env:ROBOSYNC_BIN `
  --policy reports\policy.json --report $Report
if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
& $parity report $Report --html ([IO.Path]::ChangeExtension($Report, "html"))
& $parity gate $Report --policy reports\policy.json --slack 2
exit $LASTEXITCODE
