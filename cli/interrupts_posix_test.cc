#include "cli/interrupts.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>

#include "cli/terminal.h"

namespace robosync::cli {
namespace {

base::Cancellation& cancellation() {
  static base::Cancellation one;
  return one;
}

TEST(InterruptsDeathTest, TheFirstAsksTheSecondEnds) {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    EXPECT_EXIT(
        {
          install_interrupts(cancellation());
          std::raise(number);
          if (!cancellation().requested()) std::_Exit(1);
          std::raise(number);
          std::_Exit(2);
        },
        testing::ExitedWithCode(128 + number), "");
  }
}

TEST(InterruptsDeathTest, OneAloneEndsNothing) {
  EXPECT_EXIT(
      {
        install_interrupts(cancellation());
        std::raise(SIGINT);
        std::_Exit(cancellation().requested() ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

TEST(InterruptsDeathTest, WhatWasIgnoredStaysIgnored) {
  EXPECT_EXIT(
      {
        std::signal(SIGHUP, SIG_IGN);
        install_interrupts(cancellation());
        std::raise(SIGHUP);
        std::_Exit(cancellation().requested() ? 1 : 0);
      },
      testing::ExitedWithCode(0), "");
}

TEST(InterruptsDeathTest, AReaderThatWentAwayIsNoEnd) {
  EXPECT_EXIT(
      {
        install_interrupts(cancellation());
        std::raise(SIGPIPE);
        std::raise(SIGXFSZ);
        std::_Exit(cancellation().requested() ? 1 : 0);
      },
      testing::ExitedWithCode(0), "");
}

// A question to the user must not keep Ctrl-C waiting.
TEST(InterruptsDeathTest, AnInterruptedQuestionIsNotAnswered) {
  EXPECT_EXIT(
      {
        int ends[2];
        if (::pipe(ends) != 0 || ::dup2(ends[0], STDIN_FILENO) < 0) std::_Exit(3);
        install_interrupts(cancellation());
        if (::fork() == 0) {
          ::usleep(300'000);
          ::kill(::getppid(), SIGINT);
          ::_exit(0);
        }
        ::alarm(20);  // ends a read that is not interrupted
        std::_Exit(read_line_from_user() ? 1 : 0);
      },
      testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace robosync::cli
