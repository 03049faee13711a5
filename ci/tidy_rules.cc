// The rules of ci/tidy_rules.h about the shape of a file; those about includes are in
// ci/tidy_includes.cc.
#include "ci/tidy_rules.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "ci/source_text.h"

namespace robosync::ci {
namespace {

bool is_cpp(const Source& source) {
  return source.path.ends_with(".h") || source.path.ends_with(".cc");
}

bool any_word(std::string_view code, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(words, [code](std::string_view word) {
    return find_word(code, word) != std::string_view::npos;
  });
}

// Preprocessor lines (with their continuations) as spaces: their braces belong to no function.
std::string without_directives(std::string code) {
  bool directive = false;
  std::size_t start = 0;
  while (start < code.size()) {
    const std::size_t end = std::min(code.find('\n', start), code.size());
    const std::string_view line = std::string_view(code).substr(start, end - start);
    directive = directive || trimmed(line).starts_with('#');
    const bool continues = directive && trimmed(line).ends_with('\\');
    if (directive)
      std::fill(code.begin() + static_cast<std::ptrdiff_t>(start),
                code.begin() + static_cast<std::ptrdiff_t>(end), ' ');
    directive = continues;
    start = end + 1;
  }
  return code;
}

// What stands before an opening brace says what the braces hold.
enum class Scope {
  kFunction,
  kType,
  kOther,
  kInitializer,  // in the middle of a declaration: `: y_{x}`, `int v = {}`; the head goes on after
                 // it
};

bool in_initializer(std::string_view head) {
  if (std::ranges::count(head, '(') > std::ranges::count(head, ')')) return true;
  const std::size_t colon = head.find(':', std::min(head.find(')'), head.size()));
  if (colon == std::string_view::npos || head.substr(colon).starts_with("::")) return false;
  head = trimmed(head);
  return is_word(head.back()) || head.back() == '>';
}

Scope scope_after(std::string_view head) {
  const bool has_parameters = head.find('(') != std::string_view::npos;
  if (has_parameters && in_initializer(head)) return Scope::kInitializer;
  if (any_word(head, {"namespace", "extern"}) && !has_parameters) return Scope::kType;
  if (any_word(head, {"class", "struct", "union", "enum"}) && !has_parameters) return Scope::kType;
  return has_parameters ? Scope::kFunction : Scope::kOther;
}

// Finds the outermost functions of a file and how long each is.
class FunctionFinder {
 public:
  explicit FunctionFinder(std::string_view code) : code_(code) {}

  Findings find() {
    for (std::size_t i = 0; i < code_.size(); ++i) {
      const char c = code_[i];
      if (c == '\n') ++line_;
      if (head_line_ == 0 && std::isspace(static_cast<unsigned char>(c)) == 0) head_line_ = line_;
      if (c == '{') {
        open(i);
      } else if (c == '}') {
        if (!close_initializer()) {
          close();
          restart(i);
        }
      } else if (c == ';') {
        restart(i);
      }
    }
    return std::move(findings_);
  }

 private:
  void open(std::size_t at) {
    const Scope scope = scope_after(code_.substr(head_, at - head_));
    scopes_.push_back(scope);
    if (scope == Scope::kFunction && function_depth_ == 0) {
      function_depth_ = scopes_.size();
      function_line_ = head_line_;
    }
    if (scope != Scope::kInitializer) restart(at);
  }

  bool close_initializer() {
    if (scopes_.empty() || scopes_.back() != Scope::kInitializer) return false;
    scopes_.pop_back();
    return true;
  }

  void close() {
    if (scopes_.empty()) return;
    if (scopes_.size() == function_depth_) {
      const std::size_t length = line_ - function_line_ + 1;
      if (length > kFunctionLinesMax) {
        findings_.push_back({function_line_, "a function of " + std::to_string(length) +
                                                 " lines; the most is " +
                                                 std::to_string(kFunctionLinesMax)});
      }
      function_depth_ = 0;
    }
    scopes_.pop_back();
  }

  void restart(std::size_t at) {
    head_ = at + 1;
    head_line_ = 0;
  }

  std::string_view code_;
  Findings findings_;
  std::vector<Scope> scopes_;
  std::size_t line_ = 1;
  std::size_t head_ = 0;       // where the current declaration starts
  std::size_t head_line_ = 0;  // its first line that is not blank; 0 before it
  std::size_t function_depth_ = 0;
  std::size_t function_line_ = 0;
};

// Comments that end like a statement and hold a call or an assignment. Indented blocks are examples
// and stay.
bool looks_like_code(std::string_view comment) {
  if (!comment.starts_with("//")) return false;
  comment.remove_prefix(2);
  if (comment.starts_with("   ")) return false;
  comment = trimmed(comment);
  if (comment.starts_with("#include") || comment.starts_with("#if")) return true;
  if (comment == "}" || comment == "{" || comment == "};") return true;
  if (comment.ends_with("{")) return comment.find('(') != std::string_view::npos;
  if (!comment.ends_with(";")) return false;
  if (comment.starts_with("return ") || comment.find(" = ") != std::string_view::npos) return true;
  const std::size_t paren = comment.find('(');
  return paren != std::string_view::npos && paren > 0 && is_word(comment[paren - 1]) &&
         comment.ends_with(");");
}

// Skips a balanced <...> that opens at `at`; npos if it never closes.
std::size_t after_angles(std::string_view code, std::size_t at) {
  std::size_t depth = 0;
  for (; at < code.size(); ++at) {
    if (code[at] == '<') ++depth;
    if (code[at] == '>' && --depth == 0) return at + 1;
    if (code[at] == ';') break;
  }
  return std::string_view::npos;
}

std::size_t line_at(std::string_view text, std::size_t at) {
  return 1 + static_cast<std::size_t>(
                 std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

std::string_view first_word(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && is_word(text[size])) ++size;
  return text.substr(0, size);
}

// The test (or the fixture) that a position belongs to: "Suite.Name", or "Fixture." for a class.
std::string owner_of(std::string_view code, std::size_t at) {
  std::string owner;
  std::size_t best = 0;
  for (const std::string_view word :
       {"TEST", "TEST_F", "TEST_P", "TYPED_TEST", "class", "struct"}) {
    for (std::size_t i = find_word(code, word); i != std::string_view::npos && i < at;
         i = find_word(code, word, i + 1)) {
      if (i < best) continue;
      best = i;
      std::string_view rest = trimmed(code.substr(i + word.size()));
      if (!rest.starts_with('(')) {
        owner = std::string(first_word(rest)) + ".";
        continue;
      }
      rest = trimmed(rest.substr(1));
      owner = std::string(first_word(rest)) + ".";
      rest = rest.substr(std::min(rest.find(','), rest.size() - 1) + 1);
      owner += first_word(trimmed(rest));
    }
  }
  return owner;
}

}  // namespace

bool matches_pattern(std::string_view pattern, std::string_view name) {
  if (pattern.empty()) return name.empty();
  if (pattern.front() == '*') {
    return matches_pattern(pattern.substr(1), name) ||
           (!name.empty() && matches_pattern(pattern, name.substr(1)));
  }
  return !name.empty() && (pattern.front() == '?' || pattern.front() == name.front()) &&
         matches_pattern(pattern.substr(1), name.substr(1));
}

std::vector<std::string> listed_patterns(std::string_view list) {
  std::vector<std::string> patterns;
  for (std::string_view line : lines_of(list)) {
    line = trimmed(line);
    if (line.empty() || line.starts_with('#')) continue;
    patterns.emplace_back(line.substr(0, line.find_first_of(" \t")));
  }
  return patterns;
}

Findings check_file_name(const Source& source) {
  const std::string_view name =
      std::string_view(source.path).substr(source.path.find_last_of('/') + 1);
  const std::string_view stem = name.substr(0, name.rfind('.'));
  Findings findings;
  if (is_cpp(source) && std::ranges::any_of(stem, [](char c) {
        return !is_word(c) || std::isupper(static_cast<unsigned char>(c)) != 0;
      })) {
    findings.push_back({0, "source files are named in snake_case"});
  }
  std::string spaced(stem);
  std::ranges::replace_if(spaced, [](char c) { return c == '_' || c == '-' || c == '.'; }, ' ');
  if (any_word(spaced,
               {"util", "utils", "utility", "utilities", "misc", "common", "helper", "helpers"})) {
    findings.push_back({0, "the name does not say what the file is for"});
  }
  return findings;
}

Findings check_file_length(const Source& source) {
  const std::string_view path = source.path;
  if (path.starts_with("reports/runs/") || path.starts_with("reports/baselines/")) return {};
  const std::size_t lines = lines_of(source.text).size();
  if (lines <= kFileLinesMax) return {};
  return {{0, std::to_string(lines) + " lines; the most is " + std::to_string(kFileLinesMax)}};
}

Findings check_function_length(const Source& source) {
  if (!is_cpp(source)) return {};
  return FunctionFinder(without_directives(split_source(source.text).code)).find();
}

Findings check_whitespace(const Source& source) {
  Findings findings;
  const auto lines = lines_of(source.text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].find('\t') != std::string_view::npos) findings.push_back({i + 1, "a tab"});
    if (lines[i].ends_with(' ')) findings.push_back({i + 1, "a blank at the end"});
    if (lines[i].ends_with('\r')) findings.push_back({i + 1, "a carriage return"});
  }
  if (!source.text.empty() && !source.text.ends_with('\n')) {
    findings.push_back({lines.size(), "no line feed at the end"});
  }
  if (source.text.ends_with("\n\n")) findings.push_back({lines.size(), "blank lines at the end"});
  return findings;
}

Findings check_header_opening(const Source& source) {
  if (!source.path.ends_with(".h")) return {};
  const auto lines = lines_of(source.text);
  std::size_t i = 0;
  std::size_t said = 0;
  for (; i < lines.size() && lines[i].starts_with("//"); ++i)
    said += trimmed(lines[i].substr(2)).size();
  if (said < 20) return {{1, "a header opens with a comment that says what it is"}};
  while (i < lines.size() && trimmed(lines[i]).empty()) ++i;
  if (i == lines.size() || trimmed(lines[i]) != "#pragma once") {
    return {{i + 1, "the opening comment is followed by #pragma once"}};
  }
  return {};
}

Findings check_nodiscard(const Source& source) {
  if (!source.path.ends_with(".h")) return {};
  const std::string code = without_directives(split_source(source.text).code);
  const std::string_view view = code;
  Findings findings;
  for (std::size_t at = find_word(view, "Result"); at != std::string_view::npos;
       at = find_word(view, "Result", at + 1)) {
    if (view.substr(at + 6, 1) != "<") continue;
    const std::size_t end = after_angles(view, at + 6);
    if (end == std::string_view::npos) continue;
    const std::string_view rest = trimmed(view.substr(end));
    const std::string_view name = first_word(rest);
    if (name.empty() || !trimmed(rest.substr(name.size())).starts_with('(')) continue;
    std::size_t start = view.find_last_of(";{}", at);
    start = start == std::string_view::npos ? 0 : start + 1;
    const std::string_view head = view.substr(start, at - start);
    if (head.find("[[nodiscard]]") != std::string_view::npos || any_word(head, {"return"}))
      continue;
    // An override is called through the base class, whose declaration says it.
    if (any_word(rest.substr(0, rest.find_first_of(";{")), {"override"})) continue;
    findings.push_back({line_at(view, at), std::string(name) + " returns a Result: [[nodiscard]]"});
  }
  return findings;
}

Findings check_disabled_code(const Source& source) {
  if (!is_cpp(source)) return {};
  Findings findings;
  const SourceText split = split_source(source.text);
  const auto code = lines_of(split.code);
  const auto comments = lines_of(split.comments);
  for (std::size_t i = 0; i < code.size(); ++i) {
    if (code[i].find("DISABLED_") != std::string_view::npos) {
      findings.push_back({i + 1, "a disabled test"});
    }
    if (trimmed(code[i]) == "#if 0") findings.push_back({i + 1, "code switched off by #if 0"});
    if (looks_like_code(trimmed(comments[i]))) findings.push_back({i + 1, "code in a comment"});
  }
  return findings;
}

Findings check_skips(const Source& source, const std::vector<std::string>& patterns) {
  if (!source.path.ends_with(".cc")) return {};
  const std::string code = split_source(source.text).code;
  // The tests of engine/fs run as "fs.Suite.Name".
  const std::string_view folder =
      std::string_view(source.path).substr(0, source.path.find_last_of('/'));
  const std::string prefix = std::string(folder.substr(folder.find_last_of('/') + 1)) + ".";
  Findings findings;
  for (std::size_t at = find_word(code, "GTEST_SKIP"); at != std::string::npos;
       at = find_word(code, "GTEST_SKIP", at + 1)) {
    const std::string owner = owner_of(code, at);
    const std::string name = prefix + owner;
    // A parameterised test runs as "Instance/Suite.Name/0", so its pattern need only contain it.
    const bool listed = std::ranges::any_of(patterns, [&](const std::string& pattern) {
      return matches_pattern(pattern, name) || (pattern.starts_with(prefix) && !owner.empty() &&
                                                pattern.find(owner) != std::string::npos);
    });
    if (!listed) findings.push_back({line_at(code, at), name + " may skip but is in no skips.txt"});
  }
  return findings;
}

}  // namespace robosync::ci
