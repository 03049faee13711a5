#include <windows.h>

#include <string>
#include <string_view>
#include <vector>

#include "harness/main_parity.h"

// mingw's start-up code must not expand "*".
extern "C" int _dowildcard;
int _dowildcard = 0;

namespace {

std::string utf8_of(std::wstring_view text) {
  const int size = WideCharToMultiByte(CP_UTF8, 0, text.data(), static_cast<int>(text.size()),
                                       nullptr, 0, nullptr, nullptr);
  std::string result(static_cast<std::size_t>(size), '\0');
  WideCharToMultiByte(CP_UTF8, 0, text.data(), static_cast<int>(text.size()), result.data(), size,
                      nullptr, nullptr);
  return result;
}

}  // namespace

extern "C" int wmain(int count, wchar_t** arguments) {
  std::vector<std::string> words;
  for (int i = 1; i < count; ++i) words.push_back(utf8_of(arguments[i]));
  return robosync::parity::main_parity(count > 0 ? utf8_of(arguments[0]) : "robosync-parity",
                                       words);
}
