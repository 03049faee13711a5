// Result<T>: the value or the Error. Every fallible function of the project returns one.
#pragma once

#include <expected>
#include <utility>

#include "engine/base/error.h"

namespace robosync::base {

template <typename T>
using Result = std::expected<T, Error>;

// Wraps an Error for return from a function that returns any Result.
[[nodiscard]] inline std::unexpected<Error> fail(Error error) {
  return std::unexpected<Error>(std::move(error));
}

}  // namespace robosync::base

// Returns the error of `expr` (a Result) from the enclosing function, if it has one.
#define ROBOSYNC_TRY(expr)                                             \
  do {                                                                 \
    if (auto robosync_try_ = (expr); !robosync_try_) {                 \
      return ::robosync::base::fail(std::move(robosync_try_).error()); \
    }                                                                  \
  } while (false)

#define ROBOSYNC_CONCAT_(a, b) a##b
#define ROBOSYNC_CONCAT(a, b) ROBOSYNC_CONCAT_(a, b)

// Declares `decl` from the value of `expr`, or returns its error from the enclosing function.
#define ROBOSYNC_ASSIGN(decl, expr) \
  ROBOSYNC_ASSIGN_(ROBOSYNC_CONCAT(robosync_result_, __LINE__), decl, expr)
#define ROBOSYNC_ASSIGN_(tmp, decl, expr)                          \
  auto tmp = (expr);                                               \
  if (!tmp) return ::robosync::base::fail(std::move(tmp).error()); \
  decl = std::move(*tmp)
