#include <string>
#include <string_view>
#include <vector>

#include "cli/main_robosync.h"
#include "cli/wide_arguments.h"

// mingw's start-up code must not expand "*.o": it may be a filter pattern.
extern "C" int _dowildcard;
int _dowildcard = 0;

extern "C" int wmain(int count, wchar_t** arguments) {
  std::vector<std::string> words;
  for (int i = 1; i < count; ++i) {
    const std::wstring_view wide(arguments[i]);
    words.push_back(robosync::cli::wtf8_of(std::u16string(wide.begin(), wide.end())));
  }
  return robosync::cli::main_robosync(words);
}
