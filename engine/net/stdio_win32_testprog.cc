// What a child does that tests of child processes start: "cat" copies its input, "words" prints its
// arguments, "exit N" ends so, "stay" does not end.
#include <windows.h>

#include <fcntl.h>
#include <io.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string_view>

int main(int count, char** words) {
  _setmode(_fileno(stdin), _O_BINARY);
  _setmode(_fileno(stdout), _O_BINARY);
  const std::string_view what = count > 1 ? words[1] : "";
  if (what == "words") {
    for (int i = 2; i < count; ++i) std::printf("%s|", words[i]);
  } else if (what == "exit") {
    return std::atoi(words[2]);
  } else if (what == "stay") {
    Sleep(INFINITE);
  } else if (what == "cat") {
    std::array<char, 4096> buffer{};
    DWORD got = 0;
    DWORD put = 0;
    while (ReadFile(GetStdHandle(STD_INPUT_HANDLE), buffer.data(), buffer.size(), &got, nullptr) !=
               0 &&
           got != 0) {
      WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), buffer.data(), got, &put, nullptr);
    }
  }
  return 0;
}
