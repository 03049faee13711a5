// FakeExecutor: an executor for tests, which runs nothing but a function of the test. It notes
// every command.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "harness/run/process.h"

namespace robosync::parity {

class FakeExecutor : public Executor {
 public:
  base::Result<Finished> run(const Command& command) override {
    commands.push_back(command);
    return act ? act(command) : Finished{};
  }

  base::Result<std::unique_ptr<Background>> start(const Command& command) override {
    commands.push_back(command);
    return base::fail(base::make_error(base::ErrorKind::kUnsupported, "no servers in this test"));
  }

  std::function<base::Result<Finished>(const Command&)> act;
  std::vector<Command> commands;
};

}  // namespace robosync::parity
