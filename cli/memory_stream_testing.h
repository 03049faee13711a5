// A TextStream that keeps what is written, for tests. One stream may record into the text of
// another, as standard output and standard error do on one terminal.
#pragma once

#include <string>
#include <string_view>

#include "cli/output_stream.h"

namespace robosync::cli {

class MemoryStream final : public TextStream {
 public:
  MemoryStream() : text_(&own_) {}
  // Records into `shared`, at the moment of the flush, as a buffered stream does.
  explicit MemoryStream(std::string& shared) : text_(&shared) {}
  MemoryStream(const MemoryStream&) = delete;
  MemoryStream& operator=(const MemoryStream&) = delete;

  void write(std::string_view text) override {
    if (text_ == &own_) {
      own_ += text;
    } else {
      pending_ += text;
    }
  }
  void flush() override {
    *text_ += pending_;
    pending_.clear();
  }
  [[nodiscard]] base::Result<void> status() const override { return status_; }

  [[nodiscard]] const std::string& text() const { return *text_; }
  void fail_with(base::Error error) { status_ = base::fail(std::move(error)); }

 private:
  std::string own_;
  std::string pending_;
  std::string* text_;
  base::Result<void> status_;
};

// The same without a buffer: standard error.
class DirectStream final : public TextStream {
 public:
  explicit DirectStream(std::string& shared) : text_(shared) {}
  void write(std::string_view text) override { text_ += text; }
  void flush() override {}
  [[nodiscard]] base::Result<void> status() const override { return {}; }

 private:
  std::string& text_;
};

}  // namespace robosync::cli
