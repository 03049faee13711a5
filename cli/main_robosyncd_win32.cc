#include "cli/robosyncd.h"
#include "cli/terminal.h"
#include "engine/base/wide_text.h"

// mingw's start-up code must not expand "*".
extern "C" int _dowildcard;
int _dowildcard = 0;

extern "C" int wmain(int count, wchar_t** arguments) {
  std::vector<std::string> words;
  for (int i = 1; i < count; ++i) {
    const std::wstring_view wide(arguments[i]);
    words.push_back(robosync::base::wtf8_of(std::u16string(wide.begin(), wide.end())));
  }
  static_cast<void>(robosync::cli::prepare_terminal());
  return robosync::cli::run_robosyncd(words);
}
