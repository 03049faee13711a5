// MoveOnlyFunction: a callable that need not be copyable. std::move_only_function where the
// standard library has it, which libc++ (macOS) does not; there HeapFunction, which allocates each
// one.
//
// Values; as thread-safe as what they hold.
#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>
#include <version>

namespace robosync::base {

template <typename Signature>
class HeapFunction;

template <typename R, typename... Args>
class HeapFunction<R(Args...)> {
 public:
  HeapFunction() = default;
  HeapFunction(std::nullptr_t) {}  // NOLINT(google-explicit-constructor): as of std's
  template <typename F>
    requires(!std::same_as<std::remove_cvref_t<F>, HeapFunction> &&
             std::is_invocable_r_v<R, F&, Args...>)
  HeapFunction(F&& function)  // NOLINT(google-explicit-constructor)
      : held_(std::make_unique<Held<std::decay_t<F>>>(std::forward<F>(function))) {}

  explicit operator bool() const { return held_ != nullptr; }
  // REQUIRES: it holds something.
  R operator()(Args... args) { return held_->call(std::forward<Args>(args)...); }

 private:
  struct Callable {
    virtual ~Callable() = default;
    virtual R call(Args... args) = 0;
  };
  template <typename F>
  struct Held final : Callable {
    explicit Held(F given) : function(std::move(given)) {}
    R call(Args... args) override {
      return std::invoke_r<R>(function, std::forward<Args>(args)...);
    }
    F function;
  };

  std::unique_ptr<Callable> held_;
};

#ifdef __cpp_lib_move_only_function
template <typename Signature>
using MoveOnlyFunction = std::move_only_function<Signature>;
#else
template <typename Signature>
using MoveOnlyFunction = HeapFunction<Signature>;
#endif

}  // namespace robosync::base
