// Spares: things that are dear to make, kept for whoever needs one next. What is lent belongs to
// the borrower alone; there are never more than were lent at once. Any thread.
//
// In the place of thread_local variables that have a destructor: where these are emulated (mingw),
// a thread's memory may be given back before the destructors of what is in it run.
#pragma once

#include <utility>
#include <vector>

#include "engine/base/mutex.h"

namespace robosync::base {

template <typename T>
class Spares {
 public:
  class Loan {
   public:
    Loan(Spares& owner, T thing) : owner_(owner), thing_(std::move(thing)) {}
    ~Loan() { owner_.keep(std::move(thing_)); }
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;

    T& operator*() { return thing_; }
    T* operator->() { return &thing_; }

   private:
    Spares& owner_;
    T thing_;
  };

  // One that was given back, or what `make` returns. The Spares outlive their loans.
  template <typename Make>
  [[nodiscard]] Loan lend(const Make& make) ROBOSYNC_EXCLUDES(mutex_) {
    {
      const MutexLock lock(mutex_);
      if (!things_.empty()) {
        T thing = std::move(things_.back());
        things_.pop_back();
        return Loan(*this, std::move(thing));
      }
    }
    return Loan(*this, make());
  }

 private:
  void keep(T thing) ROBOSYNC_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    things_.push_back(std::move(thing));
  }

  Mutex mutex_;
  std::vector<T> things_ ROBOSYNC_GUARDED_BY(mutex_);
};

}  // namespace robosync::base
