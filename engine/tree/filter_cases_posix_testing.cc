#include "engine/tree/filter_cases_posix_testing.h"

#include <array>
#include <functional>
#include <utility>

namespace robosync::tree {
namespace {

constexpr std::array<std::string_view, 34> kNames = {
    "a",    "b",   "c",    "ab",  "abc", "foo",  "bar", "foo.o",    "bar.c",
    "a b",  " s",  "x[1]", "a*b", "q?",  "b\\c", "-d",  "+e",       "!f",
    "#g",   ";h",  "_u",   "A",   "z9",  "core", "x~",  "\xff\xfe", "\xc3\xa9",
    "n\nl", "a.o", "CVS",  "sub", "dir", ".h",   "]x"};
constexpr std::array<std::string_view, 3> kMergeNames = {".r", ".m", ".cvsignore"};

bool has_special(std::string_view text) {
  return text.find_first_of("*?[\\") != std::string_view::npos;
}

bool has_blank(std::string_view text) {
  return text.find_first_of(" \t\n") != std::string_view::npos;
}

}  // namespace

std::string FilterCase::describe() const {
  std::string text = "rsync";
  for (const std::string& argument : rsync_arguments) text += " '" + argument + "'";
  for (const FilterArgument& argument : arguments) {
    if (!argument.file_name.empty()) {
      text += "\n--- " + argument.file_name + ":\n" + argument.text;
    }
  }
  if (!cvs_ignore.empty()) text += "\n--- $HOME/.cvsignore: " + cvs_ignore;
  return text;
}

FilterCases::FilterCases(std::uint64_t seed, std::string files, std::string source_root,
                         std::string target_root)
    : random_(seed),
      files_(std::move(files)),
      source_root_(std::move(source_root)),
      target_root_(std::move(target_root)),
      nests_merge_files_(one_in(3)) {}

std::string FilterCases::name() { return std::string(kNames[below(kNames.size())]); }

std::string FilterCases::byte_set() {
  static constexpr std::array<std::string_view, 16> kSets = {
      "[ab]",  "[a-c]", "[!a]",        "[^ab]", "[]x]",      "[[:alpha:]]",
      "[!-]",  "[a-]",  "[\\]x]",      "[a/b]", "[[:foo:]]", "[[:digit:][:punct:]]",
      "[*?[]", "[b-",   "[[:alnum:a]", "[+--]"};
  return std::string(kSets[below(kSets.size())]);
}

// A name, or a name with some of it replaced by wildcards.
std::string FilterCases::component() {
  static constexpr std::array<std::string_view, 12> kUsual = {
      "*", "**", "***", "?", "*.o", "a*", "*b*", "??", "*.[co]", "*~", "[!a]*", "?*"};
  if (one_in(3)) return std::string(kUsual[below(kUsual.size())]);
  std::string text = name();
  if (!one_in(3)) return text;
  for (std::uint64_t edits = 1 + below(2); edits > 0; --edits) {
    const std::size_t at = below(text.size() + 1);
    switch (below(5)) {
      case 0:
        text.insert(at, "*");
        break;
      case 1:
        text.insert(at, "\\");
        break;
      case 2:
        text.replace(at, 1, "?");
        break;
      case 3:
        text.replace(at, 1, byte_set());
        break;
      default:
        text.insert(at, "**");
        break;
    }
  }
  return text;
}

std::string FilterCases::pattern() {
  static constexpr std::array<std::string_view, 4> kEnds = {"/", "/*", "/**", "/***"};
  std::string text;
  if (one_in(5)) text = "/";
  if (one_in(10)) text += "**/";
  for (std::uint64_t count = one_in(3) ? 2 + below(2) : 1; count > 0; --count) {
    text += component();
    if (count > 1) text += '/';
  }
  if (one_in(3)) text += kEnds[below(kEnds.size())];
  return text;
}

std::string FilterCases::modifiers(bool merges) {
  std::string text;
  if (one_in(2)) return text;
  const std::string_view choices = merges ? "nesrp-+C/x" : "srpx!/!srp";
  for (std::uint64_t count = 1 + below(2); count > 0; --count) {
    text += choices[below(choices.size())];
  }
  if (one_in(60)) text += 'q';
  return text;
}

std::string FilterCases::rule(bool in_merge_file) {
  static constexpr std::array<std::string_view, 16> kRules = {
      "-", "-", "-", "-", "-",       "+",       "+",    "+",
      "H", "S", "P", "R", "exclude", "include", "hide", "protect"};
  if (one_in(80)) return one_in(2) ? "!" : "clear";
  if (one_in(60)) return one_in(2) ? "-C" : "-Cs";
  const std::string separator = one_in(2) ? " " : "_";
  if (one_in(12)) {
    const bool short_name = one_in(2);
    std::string flags = modifiers(true);
    if (nests_merge_files_)
      std::erase_if(flags, [](char flag) { return flag == 's' || flag == 'r'; });
    std::string text = short_name ? ":" : "dir-merge";
    if (!flags.empty() && (!short_name || one_in(2))) text += ',';
    text += flags + separator;
    if (!in_merge_file && one_in(4)) return text + (one_in(2) ? "/.r" : "../.m");
    return text + std::string(kMergeNames[below(2)]);
  }
  if (in_merge_file && nests_merge_files_ && one_in(10)) return "." + separator + "./.m";
  const std::string_view rule_name = kRules[below(kRules.size())];
  const bool names_side = std::string_view("HSPR").find(rule_name) != std::string_view::npos ||
                          rule_name == "hide" || rule_name == "protect";
  const std::string flags = names_side ? std::string(one_in(8) ? "p" : "") : modifiers(false);
  std::string text(rule_name);
  if (!flags.empty() && (rule_name.size() > 1 || one_in(2))) text += ',';
  text += flags + separator;
  if (flags.find('/') != std::string::npos && one_in(2)) {
    text += (one_in(2) ? source_root_ : target_root_) + "/";
  }
  return text + pattern();
}

std::string FilterCases::rule_file(bool in_merge_file) {
  std::string text;
  for (std::uint64_t lines = 1 + below(4); lines > 0; --lines) {
    if (one_in(12)) text += one_in(2) ? "# a comment\n" : "; another\n";
    if (one_in(12)) text += "\n";
    text += rule(in_merge_file) + (one_in(12) ? "\r\n" : "\n");
  }
  if (one_in(4)) text.pop_back();
  return text;
}

std::string FilterCases::ancestor_file(const std::string& way_to_root) {
  std::string text;
  for (std::uint64_t lines = 1 + below(3); lines > 0; --lines) {
    const bool anchored = one_in(2);
    text += (one_in(3) ? "+_" : "-_") + (anchored ? "/" + way_to_root : std::string());
    const std::string chosen = anchored ? component() : pattern();
    text += (has_blank(chosen) ? "*" : chosen) + "\n";
  }
  return text;
}

std::string FilterCases::pattern_file() {
  std::string text;
  for (std::uint64_t lines = 1 + below(4); lines > 0; --lines) {
    if (one_in(12)) text += one_in(2) ? "# a comment\n" : ";\n\n";
    if (one_in(4)) text += one_in(2) ? "- " : "+ ";
    if (one_in(30)) text += "!\n";
    text += pattern() + "\n";
  }
  return text;
}

void FilterCases::fill(TreeNode& directory, const std::string& path, unsigned depth) {
  for (std::uint64_t count = depth == 0 ? 10 + below(6) : below(6); count > 0; --count) {
    const std::string child = name();
    TreeNode& node = directory.children[child];
    node.is_directory = std::hash<std::string>()(path + child) % 5 < 3;
    if (node.is_directory && depth < 4) fill(node, path + child + "/", depth + 1);
  }
  // rsync reads a wildcard in the path of a merge file's directory as a wildcard of the file's
  // anchored rules; nothing to compare with there.
  if (has_special(path)) return;
  for (const std::string_view merge_name : kMergeNames) {
    if (!one_in(4)) continue;
    TreeNode& node = directory.children[std::string(merge_name)];
    node.content = merge_name == ".cvsignore" ? pattern_file() : rule_file(true);
    // Words: rsync does not take a blank between prefix and pattern in a file of words.
    if (merge_name == ".m") {
      node.content.clear();
      for (std::uint64_t words = 1 + below(3); words > 0; --words) {
        std::string word = pattern();
        if (has_blank(word)) word = "*";
        node.content += (one_in(3) ? "+_" : "-_") + word + "\n";
      }
    }
  }
}

TreeNode FilterCases::tree() {
  TreeNode root;
  root.is_directory = true;
  fill(root, "", 0);
  return root;
}

void FilterCases::add_file_option(const char* option, FilterArgument::Form form, FilterCase& made) {
  FilterArgument argument;
  argument.form = form;
  argument.text = pattern_file();
  argument.file_name = files_ + "/patterns" + std::to_string(file_count_++);
  write_file(argument.file_name, argument.text);
  made.rsync_arguments.push_back(std::string(option) + "=" + argument.file_name);
  made.arguments.push_back(std::move(argument));
}

void FilterCases::add_argument(FilterCase& made) {
  using Form = FilterArgument::Form;
  const std::uint64_t choice = below(20);
  if (choice < 5) {
    const bool include = one_in(3);
    std::string text = pattern();
    if (one_in(8)) text = (one_in(2) ? "+ " : "- ") + text;
    if (one_in(60)) text = "!";
    made.rsync_arguments.push_back((include ? "--include=" : "--exclude=") + text);
    made.arguments.push_back({include ? Form::kInclude : Form::kExclude, text});
  } else if (choice == 5) {
    add_file_option("--exclude-from", Form::kExcludeFile, made);
  } else if (choice == 6) {
    add_file_option("--include-from", Form::kIncludeFile, made);
  } else {
    std::string text = rule(false);
    if (choice == 7) {
      const std::string path = files_ + "/rules" + std::to_string(file_count_++);
      write_file(path, rule_file(false));
      const std::string flags = modifiers(true);
      text = "." + flags + " " + path;
    } else if (choice == 8) {
      text = ":w" + std::string(one_in(2) ? "n" : "") + " .m";
    } else if (choice == 9) {
      text = one_in(2) ? ":C" : ": .r";
    }
    made.rsync_arguments.push_back("--filter=" + text);
    made.arguments.push_back({Form::kRule, text});
  }
}

FilterCase FilterCases::next() {
  FilterCase made;
  for (std::uint64_t count = 1 + below(6); count > 0; --count) add_argument(made);
  if (one_in(3)) made.cvs_ignore = one_in(4) ? "! *.c" : component();
  return made;
}

}  // namespace robosync::tree
