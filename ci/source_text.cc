#include "ci/source_text.h"

#include <algorithm>
#include <cctype>

namespace robosync::ci {
namespace {

// Walks the text once; each step copies one token to the side it belongs to.
class Splitter {
 public:
  explicit Splitter(std::string_view text) : text_(text) {
    out_.code.assign(text.size(), ' ');
    out_.comments.assign(text.size(), ' ');
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') out_.code[i] = out_.comments[i] = '\n';
    }
  }

  SourceText split() {
    while (at_ < text_.size()) {
      if (starts("//")) {
        comment(std::min(text_.find('\n', at_), text_.size()));
      } else if (starts("/*")) {
        comment(after("*/", at_ + 2));
      } else if (starts("R\"") && (at_ == 0 || !is_word(text_[at_ - 1]))) {
        raw_literal();
      } else if (text_[at_] == '"' || (text_[at_] == '\'' && !is_digit_separator())) {
        literal(text_[at_]);
      } else {
        keep();
      }
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] bool starts(std::string_view what) const {
    return text_.substr(at_).starts_with(what);
  }

  [[nodiscard]] bool is_digit_separator() const {
    return at_ > 0 && std::isxdigit(static_cast<unsigned char>(text_[at_ - 1])) != 0;
  }

  [[nodiscard]] std::size_t after(std::string_view what, std::size_t from) const {
    const std::size_t found = text_.find(what, from);
    return found == std::string_view::npos ? text_.size() : found + what.size();
  }

  void keep() {
    out_.code[at_] = text_[at_];
    ++at_;
  }

  void comment(std::size_t end) {
    for (; at_ < end; ++at_) out_.comments[at_] = text_[at_];
  }

  // Keeps the quotes, drops what is between them.
  void literal(char quote) {
    keep();
    while (at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n') {
      at_ += text_[at_] == '\\' ? 2U : 1U;
    }
    if (at_ < text_.size() && text_[at_] == quote) keep();
    at_ = std::min(at_, text_.size());
  }

  void raw_literal() {
    const std::size_t open = text_.find('(', at_);
    if (open == std::string_view::npos) return keep();
    const std::string close = ")" + std::string(text_.substr(at_ + 2, open - at_ - 2)) + "\"";
    const std::size_t end = after(close, open);
    out_.code[at_ + 1] = '"';
    out_.code[end - 1] = '"';
    at_ = end;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  SourceText out_;
};

}  // namespace

SourceText split_source(std::string_view text) { return Splitter(text).split(); }

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) {
    text.remove_prefix(1);
  }
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) {
    text.remove_suffix(1);
  }
  return text;
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

std::size_t find_word(std::string_view code, std::string_view word, std::size_t from) {
  for (std::size_t at = code.find(word, from); at != std::string_view::npos;
       at = code.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || !is_word(code[at - 1])) && (end == code.size() || !is_word(code[end]))) {
      return at;
    }
  }
  return std::string_view::npos;
}

}  // namespace robosync::ci
