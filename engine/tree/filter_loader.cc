#include "engine/tree/filter_loader.h"

#include <utility>

#include "engine/base/case_folding.h"
#include "engine/tree/filter_ancestors.h"

namespace robosync::tree {
namespace {

using base::Error;
using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;
using Kind = ParsedRule::Kind;

// What CVS ignores, in rsync's order. Perishable: none of it keeps a removed directory alive.
constexpr std::string_view kCvsList =
    "RCS SCCS CVS CVS.adm RCSLOG cvslog.* tags TAGS .make.state .nse_depinfo *~ #* .#* ,* _$* *$ "
    "*.old *.bak *.BAK *.orig *.rej .del-* *.a *.olb *.o *.obj *.so *.exe *.Z *.elc *.ln core "
    ".svn/ .git/ .hg/ .bzr/";
constexpr std::string_view kCvsFileName = ".cvsignore";

std::unexpected<Error> usage(std::string reason) {
  return fail(make_error(ErrorKind::kUsage, std::move(reason)));
}

std::string_view base_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::unexpected<Error> over_limit(std::string_view what, std::size_t limit) {
  return fail(make_error(ErrorKind::kLimit,
                         "more than " + std::to_string(limit) + " " + std::string(what)));
}

bool is_name(std::string_view text) { return validate_component(text).has_value(); }

}  // namespace

void add_merge_names(const FilterSequence& sequence, MergeNames& names) {
  for (const FilterItem& item : sequence) {
    const auto* place = std::get_if<std::shared_ptr<const DirMergePlace>>(&item);
    if (place == nullptr) continue;
    names.insert((*place)->merge->name);
    for (const FilterLayer& layer : (*place)->layers) add_merge_names(*layer, names);
  }
}

void remove_merge_names(const FilterSequence& sequence, MergeNames& names) {
  MergeNames gone;
  add_merge_names(sequence, gone);
  for (const std::string& name : gone) names.erase(name);
}

FilterLoader::FilterLoader(Context context) : context_(std::move(context)), list_(new_list()) {}

std::shared_ptr<RuleList> FilterLoader::new_list() const {
  // Like rsync, a file merged by a per-directory file has its patterns anchored at the root.
  if (context_.in_directory && depth_ > 0) return std::make_shared<RuleList>(RelPath());
  return context_.outer.empty() ? std::make_shared<RuleList>(context_.base)
                                : std::make_shared<RuleList>(name_case() == NameCase::kInsensitive
                                                                 ? base::folded_case(context_.outer)
                                                                 : context_.outer);
}

void FilterLoader::end_list() {
  if (!list_->rules().empty()) {
    list_->seal();
    sequence_.emplace_back(std::move(list_));
  }
  list_ = new_list();
}

FilterSequence FilterLoader::finish() {
  end_list();
  return std::move(sequence_);
}

void FilterLoader::clear() {
  remove_merge_names(sequence_, *context_.active);
  if (context_.inherited != nullptr) {
    for (const FilterLayer& layer : *context_.inherited) {
      remove_merge_names(*layer, *context_.active);
    }
  }
  sequence_.clear();
  list_ = new_list();
  cleared_ = true;
}

Result<void> FilterLoader::add_argument(const FilterArgument& argument) {
  using Form = FilterArgument::Form;
  RuleFlags defaults;
  defaults.include = argument.form == Form::kInclude || argument.form == Form::kIncludeFile;
  if (argument.form == Form::kExcludeFile || argument.form == Form::kIncludeFile) {
    const std::string label = !argument.file_name.empty() ? argument.file_name
                              : defaults.include ? std::string("the file of include patterns")
                                                 : std::string("the file of exclude patterns");
    return add_file(argument.text, label, defaults, RulePrefix::kOldStyle, argument.nul_separated);
  }
  const auto quoted = [&](Error error) {
    error.context += ": '" + argument.text + "'";
    return fail(std::move(error));
  };
  const RulePrefix prefix =
      argument.form == Form::kRule ? RulePrefix::kFull : RulePrefix::kOldStyle;
  RuleReader reader(argument.text, RuleLayout::kSingle, defaults, prefix);
  auto rule = reader.next();
  if (!rule) return quoted(std::move(rule).error());
  if (!*rule) return {};  // an empty argument says nothing, as in rsync
  RuleUse* use = nullptr;
  if ((*rule)->kind == Kind::kPattern && context_.uses != nullptr) {
    context_.uses->push_back(std::make_unique<RuleUse>(argument.text));
    use = context_.uses->back().get();
  }
  if (auto added = add_rule(**rule, use); !added) {
    // A fault in a merged file already says where it is.
    const bool own = (*rule)->kind != Kind::kMerge;
    return own ? quoted(std::move(added).error()) : fail(std::move(added).error());
  }
  return {};
}

Result<void> FilterLoader::add_file(std::string_view content, const std::string& label,
                                    const RuleFlags& defaults, RulePrefix prefix,
                                    bool nul_separated) {
  if (content.size() > kFilterFileBytesMax) {
    return fail(make_error(ErrorKind::kLimit, label + " is larger than " +
                                                  std::to_string(kFilterFileBytesMax) + " bytes"));
  }
  RuleReader reader(content, nul_separated ? RuleLayout::kNulEnded : RuleLayout::kLines, defaults,
                    prefix);
  const auto located = [&](Error error) {
    error.context += " (" + label + ", line " + std::to_string(reader.line()) + ")";
    return fail(std::move(error));
  };
  for (;;) {
    auto rule = reader.next();
    if (!rule) return located(std::move(rule).error());
    if (!*rule) return {};
    if (auto added = add_rule(**rule, nullptr); !added) return located(std::move(added).error());
  }
}

Result<void> FilterLoader::add_rule(const ParsedRule& rule, RuleUse* use) {
  if (rule.excludes_self) exclude_self(rule.text.empty() ? kCvsFileName : base_name(rule.text));
  switch (rule.kind) {
    case Kind::kPattern:
      return add_pattern(rule, use);
    case Kind::kMerge:
      return add_merge(rule);
    case Kind::kDirMerge:
      return add_dir_merge(rule);
    case Kind::kCvsList:
      return add_cvs_list(rule.flags);
    case Kind::kClear:
      clear();
      return {};
  }
  return {};
}

Result<void> FilterLoader::add_pattern(const ParsedRule& parsed, RuleUse* use) {
  if (rules_++ == kFilterRulesMax) return over_limit("filter rules", kFilterRulesMax);
  FilterRule rule;
  rule.pattern =
      FilterPattern::compile(parsed.text, parsed.for_xattrs ? NameCase::kSensitive : name_case());
  rule.include = parsed.flags.include;
  rule.negated = parsed.negated;
  rule.perishable = parsed.flags.perishable;
  rule.absolute = parsed.flags.absolute;
  rule.for_xattrs = parsed.for_xattrs;
  if (parsed.flags.names_side()) {
    rule.on_source = parsed.flags.source_side;
    rule.on_target = parsed.flags.target_side;
  } else {
    rule.on_target = !context_.settings->options.delete_excluded;
  }
  if (rule.absolute && !rule.pattern.wants_name()) {
    const FilterOptions& options = context_.settings->options;
    if ((rule.on_source && options.source_root.empty()) ||
        (rule.on_target && options.target_root.empty())) {
      return usage("filter rule with an absolute path, where no root is known");
    }
  }
  rule.use = use;
  if (use != nullptr) use->on_source = rule.on_source;
  list_->add(std::move(rule));
  return {};
}

void FilterLoader::exclude_self(std::string_view file_name) {
  if (file_name.empty()) return;
  FilterRule rule;
  rule.pattern = FilterPattern::compile(file_name, name_case());
  rule.on_target = !context_.settings->options.delete_excluded;
  list_->add(std::move(rule));
}

Result<void> FilterLoader::add_merge(const ParsedRule& rule) {
  std::string name(rule.text.empty() ? kCvsFileName : rule.text);
  if (context_.in_directory) {
    // What a tree contains must not make us read outside it.
    if (name.starts_with("./")) name.erase(0, 2);
    if (!is_name(name)) return usage("merge rule names a file outside its own directory");
  }
  if (depth_ == kFilterMergeDepthMax) {
    return over_limit("merge rules inside one another", kFilterMergeDepthMax);
  }
  if (merges_++ == kFilterMergesMax) return over_limit("merged files", kFilterMergesMax);
  if (!*context_.read_file) return usage("merge rule where no file can be read");
  ROBOSYNC_ASSIGN(const std::string content, (*context_.read_file)(name));
  ++depth_;
  if (context_.in_directory) end_list();
  ROBOSYNC_TRY(add_file(content, name, rule.flags, RulePrefix::kFull,
                        context_.settings->options.nul_separated_files));
  --depth_;
  if (context_.in_directory) end_list();
  return {};
}

Result<void> FilterLoader::add_dir_merge(const ParsedRule& rule) {
  const std::string_view path = rule.text.empty() ? kCvsFileName : rule.text;
  auto merge = std::make_shared<DirMerge>();
  merge->name = base_name(path);
  merge->defaults = rule.flags;
  if (!is_name(merge->name)) return usage("dir-merge rule names no file");
  const std::string_view directory = path.substr(0, path.size() - merge->name.size());
  if (!directory.empty() && context_.in_directory) {
    return usage("dir-merge rule in a merge file names a directory");
  }
  if (context_.active->contains(merge->name)) return {};
  if (context_.active->size() == kFilterDirMergesMax) {
    return over_limit("per-directory merge files", kFilterDirMergesMax);
  }
  context_.active->insert(merge->name);
  auto place = std::make_shared<DirMergePlace>();
  if (!directory.empty()) {
    ROBOSYNC_ASSIGN(place->layers, load_ancestors(directory, *merge));
  }
  place->merge = std::move(merge);
  end_list();
  sequence_.emplace_back(std::move(place));
  return {};
}

// The merge files above the root, for a dir-merge rule that says where to begin.
Result<std::vector<FilterLayer>> FilterLoader::load_ancestors(std::string_view directory,
                                                              const DirMerge& merge) const {
  const FilterSettings& settings = *context_.settings;
  if (settings.options.source_root.empty()) {
    return usage("dir-merge rule with a directory, where no root is known");
  }
  if (!*context_.read_file) return usage("dir-merge rule where no file can be read");
  std::vector<FilterLayer> layers;
  const AncestorRange range =
      settings.options.names_given ? AncestorRange::kUpToRoot : AncestorRange::kAboveRoot;
  for (const Ancestor& ancestor : ancestors(settings.options.source_root, directory, range)) {
    const FilterScope::FileReader read_beside = [&](const std::string& name) {
      return (*context_.read_file)(ancestor.path + name);
    };
    auto content = read_beside(merge.name);
    if (!content && content.error().kind == ErrorKind::kNotFound) continue;
    if (!content) return fail(std::move(content).error());
    Context context = context_;
    context.read_file = &read_beside;
    context.uses = nullptr;
    context.inherited = &layers;
    context.in_directory = true;
    context.outer = ancestor.way_to_root;
    FilterLoader loader(std::move(context));
    ROBOSYNC_TRY(loader.add_file(*content, ancestor.path + merge.name, merge.defaults,
                                 RulePrefix::kFull, settings.options.nul_separated_files));
    if (loader.cleared()) layers.clear();
    layers.insert(layers.begin(), std::make_shared<const FilterSequence>(loader.finish()));
  }
  return layers;
}

Result<void> FilterLoader::add_cvs_list(const RuleFlags& flags) {
  // A list of its own: a `!` in what the user adds empties the CVS list only.
  Context context = context_;
  context.base = RelPath();
  context.outer.clear();
  context.uses = nullptr;
  context.inherited = nullptr;
  FilterLoader loader(std::move(context));
  RuleFlags built_in = flags;
  built_in.perishable = true;
  ROBOSYNC_TRY(loader.add_file(kCvsList, "the CVS list", built_in, RulePrefix::kFull, false));
  ROBOSYNC_TRY(loader.add_file(context_.settings->options.cvs_ignore, "the user's CVS list", flags,
                               RulePrefix::kFull, false));
  end_list();
  for (FilterItem& item : loader.finish()) sequence_.push_back(std::move(item));
  return {};
}

}  // namespace robosync::tree
