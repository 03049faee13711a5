#include <string>
#include <string_view>
#include <vector>

#include "cli/main_robosync.h"
#include "engine/base/wide_text.h"

// mingw's start-up code must not expand "*.o": it may be a filter pattern.
extern "C" int _dowildcard;
int _dowildcard = 0;

extern "C" int wmain(int count, wchar_t** arguments) {
  std::vector<std::string> words;
  for (int i = 0; i < count; ++i) {
    const std::wstring_view wide(arguments[i]);
    words.push_back(robosync::base::wtf8_of(std::u16string(wide.begin(), wide.end())));
  }
  std::string program;
  if (!words.empty()) {
    program = words.front();
    words.erase(words.begin());
  }
  return robosync::cli::main_robosync(program, words);
}
