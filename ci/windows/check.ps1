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
# test LAYER PROGRAM FILTER: runs a test program; what it skips must be listed. ctest's names begin with
# LAYER.
function Test-Layer($layer, $program, $filter) {
  Write-Host "== $layer"
  $json = Join-Path $results "$layer.json"
  & $program --gtest_brief=1 "--gtest_filter=$filter" "--gtest_output=json:$json" | Out-Host
  if ($LASTEXITCODE -ne 0) { $script:failed += $layer }
  if (-not (Test-Path $json)) { return }
  foreach ($group in (Get-Content -Raw $json | ConvertFrom-Json).testsuites) {
    foreach ($one in $group.testsuite) {
      $name = "$layer.$($group.name).$($one.name)"
      $may = @($allowed | Where-Object { $name -like $_ }).Count -gt 0
      if ($one.result -eq "SKIPPED" -and -not $may) {
        Write-Host "skipped, and not listed in ci\windows\skips-real.txt: $name"
        $script:failed += $name
      }
    }
  }
}

foreach ($test in Get-ChildItem $Bin -Filter "*_test.exe") {
  $layer = $test.BaseName -replace '_test$', ''
  # These read the repository in the place where the programs were built.
  if ($layer -eq "ci") { continue }
  Test-Layer $layer $test.FullName "-Documents.*"
}
# The engine once more over a connection, as in CMakeLists.txt.
$one_machine = (Get-Content "ci\route_filter.txt") -join ":"
foreach ($route in "push", "pull") {
  $env:ROBOSYNC_TEST_ROUTE = $route
  Test-Layer "engine.$route" (Join-Path $Bin "engine_test.exe") "-$one_machine"
}
Remove-Item Env:ROBOSYNC_TEST_ROUTE
foreach ($fuzzer in Get-ChildItem $Bin -Filter "*_fuzz.exe") {
  Write-Host "== $($fuzzer.BaseName)"
  $layer, $stem = $fuzzer.BaseName -split '_', 2
  & $fuzzer.FullName --runs=20000 "engine\$layer\${stem}_corpus"
  if ($LASTEXITCODE -ne 0) { $failed += $fuzzer.BaseName }
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
