#include "harness/main_parity.h"

int main(int count, char** arguments) {
  const int first = count > 0 ? 1 : 0;
  return robosync::parity::main_parity(first == 1 ? arguments[0] : "robosync-parity",
                                       {arguments + first, arguments + count});
}
