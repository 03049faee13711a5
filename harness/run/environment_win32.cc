#include <windows.h>

#include <array>
#include <filesystem>
#include <thread>

#include "harness/run/environment.h"

namespace robosync::parity {
namespace {

std::string narrow(const wchar_t* text) { return std::filesystem::path(text).string(); }

// A text value of the registry's machine part; "" when there is none.
std::string registry_text(const wchar_t* key, const wchar_t* name) {
  std::array<wchar_t, 256> text{};
  auto size = static_cast<DWORD>(sizeof text);
  const LSTATUS status =
      RegGetValueW(HKEY_LOCAL_MACHINE, key, name, RRF_RT_REG_SZ, nullptr, text.data(), &size);
  return status == ERROR_SUCCESS ? narrow(text.data()) : "";
}

}  // namespace

double load_average() { return 0; }

void read_system(Environment& environment, const std::string& scratch) {
  std::array<wchar_t, 256> name{};
  auto size = static_cast<DWORD>(name.size());
  if (GetComputerNameW(name.data(), &size) != 0) environment.host = narrow(name.data());
  constexpr const wchar_t* kVersion = L"SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion";
  environment.os = registry_text(kVersion, L"ProductName");
  environment.kernel = registry_text(kVersion, L"CurrentBuild");
  environment.cpu =
      registry_text(L"HARDWARE\\DESCRIPTION\\System\\CentralProcessor\\0", L"ProcessorNameString");
  SYSTEM_INFO system{};
  GetNativeSystemInfo(&system);
  environment.machine_class = system.wProcessorArchitecture == PROCESSOR_ARCHITECTURE_ARM64
                                  ? "windows-aarch64"
                                  : "windows-x86_64";
  environment.processors = std::thread::hardware_concurrency();
  MEMORYSTATUSEX memory{};
  memory.dwLength = sizeof memory;
  if (GlobalMemoryStatusEx(&memory) != 0) environment.memory_bytes = memory.ullTotalPhys;
  const std::wstring root = std::filesystem::path(scratch).root_path().wstring();
  std::array<wchar_t, 64> type{};
  if (GetVolumeInformationW(root.c_str(), nullptr, 0, nullptr, nullptr, nullptr, type.data(),
                            static_cast<DWORD>(type.size())) != 0) {
    environment.scratch_file_system = narrow(type.data());
  }
}

}  // namespace robosync::parity
