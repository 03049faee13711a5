#include "cli/robocopy_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace robosync::cli {
namespace {

base::Error usage(std::string message) {
  return base::make_error(base::ErrorKind::kUsage, std::move(message));
}

std::string in_capitals(std::string_view text) {
  std::string capitals(text);
  for (char& c : capitals) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return capitals;
}

// A word taken apart as if it were a switch: "-mt:8" is "/MT", with the value "8".
struct SwitchWord {
  std::string name;
  bool has_value = false;
  std::string value;
};

SwitchWord taken_apart(std::string_view word) {
  const std::size_t colon = word.find(':');
  SwitchWord parts{.name = "/" + in_capitals(word.substr(1, colon - (colon == word.npos ? 0 : 1)))};
  if (colon != std::string_view::npos) {
    parts.has_value = true;
    parts.value = word.substr(colon + 1);
  }
  return parts;
}

const RobocopySwitch* find_switch(std::string_view name) {
  const auto found = std::ranges::find(robocopy_switches(), name, &RobocopySwitch::name);
  return found == robocopy_switches().end() ? nullptr : &*found;
}

class Words {
 public:
  Words(RobocopyDraft& draft, const RobocopyContext& context) : draft_(draft), context_(context) {}

  base::Result<void> take(const std::string& word) {
    // "D:\b\" /L arrives as one word, for \" stands for a quotation mark.
    if (context_.family == MetadataFamily::kWindows && word.find('"') != std::string::npos) {
      return base::fail(usage(fmt::format(
          "{}: no name of Windows holds a quotation mark; leave out the backslash before the "
          "closing quote",
          word)));
    }
    if (operands_only_ || !may_be_switch(word)) return take_name(word);
    if (word == "--") {
      operands_only_ = true;
      return end_list();
    }
    const SwitchWord parts = taken_apart(word);
    if (parts.name == "/?" || parts.name == "/HELP" || word == "--help") {
      help_ = true;
      return {};
    }
    if (const RobocopySwitch* found = find_switch(parts.name)) return take_switch(*found, parts);
    if (is_path(word)) return take_name(word);
    return base::fail(unknown(word));
  }

  // After the last word.
  base::Result<void> end_list() {
    const RobocopySwitch* ended = std::exchange(list_, nullptr);
    if (ended == nullptr || list_words_ > 0) return {};
    return base::fail(usage(
        fmt::format("{}: needs names after it: {} {}", ended->name, ended->name, ended->value)));
  }

  [[nodiscard]] bool help() const { return help_; }
  [[nodiscard]] const std::vector<std::string>& operands() const { return operands_; }
  [[nodiscard]] const std::string& options() const { return options_; }

 private:
  static bool may_be_switch(const std::string& word) {
    return word.size() > 1 && (word.front() == '/' || word.front() == '-');
  }

  [[nodiscard]] bool is_path(const std::string& word) const {
    const char* separators = context_.family == MetadataFamily::kWindows ? "/\\" : "/";
    return word.front() == '/' &&
           (word.find_first_of(separators, 1) != std::string::npos || context_.exists(word));
  }

  base::Error unknown(const std::string& word) const {
    if (word.front() == '-') {
      return usage(fmt::format(
          "{}: no such switch; see robosync robocopy /?, and put -- before names that begin with -",
          word));
    }
    return usage(fmt::format(
        "{}: no such switch, and no such path; see robosync robocopy /?, and write {}/ if it is "
        "one that is to be made",
        word, word));
  }

  base::Result<void> take_name(const std::string& word) {
    if (list_ != nullptr) {
      ++list_words_;
      return list_->apply(draft_, word);
    }
    operands_.push_back(word);
    return {};
  }

  base::Result<void> take_switch(const RobocopySwitch& found, const SwitchWord& parts) {
    ROBOSYNC_TRY(end_list());
    if (!found.refusal.empty()) {
      return base::fail(usage(fmt::format("{}: not supported: {}", found.name, found.refusal)));
    }
    if (parts.has_value &&
        (found.takes == SwitchValue::kNone || found.takes == SwitchValue::kList)) {
      return base::fail(usage(fmt::format("{}: takes no value after a colon", found.name)));
    }
    if (parts.value.empty() && (parts.has_value || found.takes == SwitchValue::kNeeded)) {
      return base::fail(
          usage(fmt::format("{}: needs a value: {}:{}", found.name, found.name, found.value)));
    }
    if (found.takes == SwitchValue::kList) {
      list_ = &found;
      list_words_ = 0;
      return {};
    }
    if (auto applied = found.apply(draft_, parts.value); !applied) {
      base::Error error = std::move(applied).error();
      error.context = fmt::format("{}: {}", found.name, error.context);
      return base::fail(std::move(error));
    }
    if (!options_.empty()) options_ += ' ';
    options_ += found.name;
    if (parts.has_value) options_ += ":" + parts.value;
    return {};
  }

  RobocopyDraft& draft_;
  const RobocopyContext& context_;
  const RobocopySwitch* list_ = nullptr;  // whose words follow
  std::size_t list_words_ = 0;
  bool operands_only_ = false;
  bool help_ = false;
  std::vector<std::string> operands_;
  std::string options_;
};

// What robocopy does when it is told nothing.
void set_defaults(RobocopyDraft& draft) {
  Request& request = draft.request;
  request.keep_owner = false;
  request.keep_group = false;
  request.keep_directory_times = false;
  request.delete_pruned = false;
  request.retry_wait_doubles = false;
}

base::Result<void> set_names(const std::vector<std::string>& operands, RobocopyDraft& draft) {
  if (operands.size() < 2) {
    return base::fail(usage(
        fmt::format("robocopy: needs {}; see robosync robocopy /?",
                    operands.empty() ? "a SOURCE and a TARGET" : "a TARGET after the SOURCE")));
  }
  if (operands[0].empty() || operands[1].empty()) {
    return base::fail(usage("robocopy: SOURCE or TARGET is an empty name"));
  }
  std::string source = operands[0];  // always its content
  const bool windows = draft.family == MetadataFamily::kWindows;
  const bool ends_in_separator = source.ends_with('/') || (windows && source.ends_with('\\'));
  // "C:" is the drive's current directory, "C:/" its root.
  if (windows && source.size() == 2 && source[1] == ':') source += '.';
  if (!ends_in_separator) source += '/';
  draft.request.sources = {std::move(source)};
  draft.request.target = operands[1];
  draft.selection.files.insert(draft.selection.files.begin(), operands.begin() + 2, operands.end());
  return {};
}

base::Result<void> set_verb(RobocopyDraft& draft) {
  const bool moves = draft.move_files || draft.move_all;
  const bool deletes = draft.purge && !draft.keep_extras;
  if (moves && deletes) {
    return base::fail(usage(
        "/MOVE and /MOV exclude /PURGE and /MIR: a run either moves or deletes; run it twice"));
  }
  if (draft.move_files && !draft.move_all && draft.subdirectories) {
    return base::fail(
        usage("/MOV: with subdirectories it would leave the emptied ones; use /MOVE, which removes "
              "them"));
  }
  if (moves && draft.copy_nothing) {
    return base::fail(usage("/NOCOPY: what is not copied cannot be moved"));
  }
  if (moves && draft.request.empty_files) {
    return base::fail(usage("/CREATE: what has no content at the target cannot be moved"));
  }
  if (draft.copy_nothing &&
      (draft.include_tweaked || draft.request.comparison == Comparison::kAlways)) {
    return base::fail(usage("/NOCOPY: copies nothing that /IS or /IT could add"));
  }
  if (draft.request.empty_files && draft.request.reset_archive) {
    return base::fail(
        usage("/CREATE: what arrives without content keeps its archive attribute, "
              "against /M"));
  }
  if (draft.request.empty_files && draft.request.keep_partial) {
    return base::fail(usage("/CREATE: there is nothing to be gone on from with /Z"));
  }
  if (deletes) draft.request.verb = Verb::kMirror;
  if (moves) draft.request.verb = Verb::kMove;
  draft.request.leave_mismatched = !deletes;
  return {};
}

// The engine keeps these of directories only where it keeps them of files.
base::Result<void> check_directory_flags(const RobocopyDraft& draft) {
  const Request& request = draft.request;
  if (draft.directory_attributes.value_or(request.keep_permissions) != request.keep_permissions) {
    return base::fail(usage("/COPY and /DCOPY: A, attributes, goes for both or for neither"));
  }
  if (request.keep_directory_times && !request.keep_times) {
    return base::fail(usage("/DCOPY: T, times, needs the T of /COPY as well"));
  }
  return {};
}

void set_classes(RobocopyDraft& draft) {
  Request& request = draft.request;
  const bool some_all_the_same = request.comparison == Comparison::kAlways || draft.include_tweaked;
  if (draft.skip_changed && draft.skip_newer && draft.skip_older && !some_all_the_same) {
    request.ignore_existing = true;
  } else {
    request.leave_changed = draft.skip_changed;
    request.leave_older = draft.skip_newer;  // the class is the source's
    request.update_only_newer = draft.skip_older;
  }
  if (draft.copy_nothing) {
    request.existing_only = request.ignore_existing = true;
    request.keep_permissions = request.keep_times = request.keep_acls = false;
    request.keep_owner = request.keep_group = false;
  }
}

void set_links(RobocopyDraft& draft) {
  Request& request = draft.request;
  request.links = draft.links_as_links ? LinkPolicy::kKeep : LinkPolicy::kFollow;
  if (draft.skip_file_links && draft.skip_directory_links) {
    request.links = LinkPolicy::kSkip;
    request.junctions = JunctionPolicy::kSkip;
  } else if (draft.skip_file_links) {
    request.links_left_out = LinksLeftOut::kToFiles;
  } else if (draft.skip_directory_links) {
    request.links_left_out = LinksLeftOut::kToDirectories;
    request.junctions = JunctionPolicy::kSkip;
  }
  // Where links are kept, too, none of those that are told of is known to be a junction.
  draft.output.warn_of_junctions = !draft.junctions_as_junctions &&
                                   request.links == LinkPolicy::kFollow &&
                                   request.junctions == JunctionPolicy::kKeep;
}

// Whether a file is read-only is a matter of its mode, the other attributes are the target's own.
base::Result<void> set_attributes(RobocopyDraft& draft) {
  Request& request = draft.request;
  if ((draft.added & draft.removed) != 0) {
    return base::fail(usage("/A+ and /A-: an attribute is added or removed, not both"));
  }
  request.attributes_set = draft.added & ~tree::kAttributeReadOnly;
  request.attributes_cleared = draft.removed & ~tree::kAttributeReadOnly;
  if ((draft.added | draft.removed) != 0 && !request.keep_permissions) {
    return base::fail(usage("/A+ and /A- need the A of /COPY, which they change"));
  }
  if (((draft.added | draft.removed) & tree::kAttributeReadOnly) == 0) return {};
  const bool add = (draft.added & tree::kAttributeReadOnly) != 0;
  ROBOSYNC_ASSIGN(const tree::ModeChange change, tree::ModeChange::parse(add ? "Fa-w" : "Fu+w"));
  request.chmod.append(change);
  return {};
}

// Elsewhere there are no streams.
base::Result<void> set_streams(RobocopyDraft& draft) {
  if (draft.family == MetadataFamily::kPosix) return {};
  if (draft.no_file_streams != draft.no_directory_streams) {
    return base::fail(
        usage("/COPY and /DCOPY: X, without alternate data streams, goes for both or for neither"));
  }
  draft.request.keep_streams = !draft.no_file_streams;
  return {};
}

base::Result<void> set_selection(RobocopyDraft& draft, RobocopyInvocation& invocation) {
  Request& request = draft.request;
  if (draft.archive_only) {
    if (request.attributes_any != 0) {
      return base::fail(usage("/IA excludes /A and /M, which select by an attribute themselves"));
    }
    request.attributes_any = tree::kAttributeArchive;
  }
  if (request.size_min && request.size_max && *request.size_min > *request.size_max) {
    return base::fail(usage("/MIN is more than /MAX: no file can be both"));
  }
  if (request.age_min && request.age_max && *request.age_min > *request.age_max) {
    return base::fail(usage("/MINAGE is more than /MAXAGE: no file can be both"));
  }
  request.prune_empty_directories = draft.subdirectories && !draft.empty_directories;
  draft.selection.levels = draft.subdirectories ? draft.levels.value_or(0) : 1;
  const RobocopyPlaces places{.source = absolute_place(request.sources.front()),
                              .target = absolute_place(request.target),
                              .name_case = draft.family == MetadataFamily::kWindows
                                               ? tree::NameCase::kInsensitive
                                               : tree::NameCase::kSensitive};
  ROBOSYNC_ASSIGN(RobocopyRules rules, robocopy_filters(draft.selection, places));
  request.filters = std::move(rules.filters);
  invocation.warnings = std::move(rules.warnings);
  if (draft.keep_extras) draft.output.extras = false;  // nor does /XX tell of them
  if (!draft.output.extras) return {};
  RobocopySelection directories = draft.selection;
  directories.files.clear();
  directories.excluded_files.clear();
  ROBOSYNC_ASSIGN(rules, robocopy_filters(directories, places));
  invocation.extras_filters = std::move(rules.filters);
  return {};
}

}  // namespace

base::Result<RobocopyInvocation> parse_robocopy(const std::vector<std::string>& words,
                                                const RobocopyContext& context) {
  RobocopyInvocation invocation;
  RobocopyDraft draft;
  draft.family = context.family;
  draft.now = context.now;
  set_defaults(draft);
  Words sorted(draft, context);
  for (const std::string& word : words) {
    ROBOSYNC_TRY(sorted.take(word));
    if (sorted.help()) {
      invocation.help = true;
      return invocation;
    }
  }
  ROBOSYNC_TRY(sorted.end_list());
  ROBOSYNC_TRY(set_names(sorted.operands(), draft));
  ROBOSYNC_TRY(set_verb(draft));
  ROBOSYNC_TRY(check_directory_flags(draft));
  set_classes(draft);
  set_links(draft);
  ROBOSYNC_TRY(set_attributes(draft));
  ROBOSYNC_TRY(set_streams(draft));
  ROBOSYNC_TRY(set_selection(draft, invocation));
  if (draft.output.tee && draft.output.log_file.empty()) {
    return base::fail(usage("/TEE: has no effect without /LOG"));
  }
  invocation.request = std::move(draft.request);
  invocation.output = std::move(draft.output);
  invocation.selection = std::move(draft.selection);
  invocation.options = sorted.options();
  return invocation;
}

bool is_robocopy_name(std::string_view program) {
  const std::size_t slash = program.find_last_of("/\\");
  std::string name = in_capitals(program.substr(slash == std::string_view::npos ? 0 : slash + 1));
  if (name.ends_with(".EXE")) name.resize(name.size() - 4);
  return name == "ROBOCOPY";
}

}  // namespace robosync::cli
