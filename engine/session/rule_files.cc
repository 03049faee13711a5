#include "engine/session/rule_files.h"

#include <optional>
#include <utility>

namespace robosync::session {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;

namespace {

Result<std::shared_ptr<const tree::FilterScope>> compile(const Request& request,
                                                         const tree::FilterScope::FileReader& read,
                                                         tree::NameCase name_case) {
  tree::FilterOptions options;
  options.name_case = name_case;
  options.delete_excluded = request.delete_excluded;
  ROBOSYNC_ASSIGN(std::shared_ptr<const tree::FilterScope> filter,
                  tree::FilterScope::compile(request.filters, read, options));
  if (filter->has_xattr_rules()) {
    return fail(make_error(ErrorKind::kUnsupported,
                           "filter rules about extended attributes (x) are not supported"));
  }
  return filter;
}

}  // namespace

tree::NameCase name_case_of(const fs::Privileges& privileges) {
  return privileges.ignores_case ? tree::NameCase::kInsensitive : tree::NameCase::kSensitive;
}

Result<std::shared_ptr<const tree::FilterScope>> compile_filters(const Request& request,
                                                                 const fs::FileSystem& file_system,
                                                                 RuleFiles* read) {
  const auto read_it = [&](const std::string& path) -> Result<std::string> {
    ROBOSYNC_ASSIGN(const fs::Located located, file_system.locate(path));
    ROBOSYNC_ASSIGN(std::optional<std::string> content,
                    fs::read_if_there(*located.parent, located.name, tree::kFilterFileBytesMax));
    if (!content) return fail(make_error(ErrorKind::kNotFound, "no such file: " + path));
    if (read != nullptr) read->emplace(path, *content);
    return std::move(*content);
  };
  return compile(request, read_it, name_case_of(file_system.privileges()));
}

Result<std::shared_ptr<const tree::FilterScope>> compile_filters(const Request& request,
                                                                 const RuleFiles& files,
                                                                 tree::NameCase name_case) {
  const auto look_up = [&](const std::string& path) -> Result<std::string> {
    const auto at = files.find(path);
    if (at == files.end()) {
      return fail(make_error(ErrorKind::kProtocol, "a filter file that was not sent: " + path));
    }
    return at->second;
  };
  return compile(request, look_up, name_case);
}

}  // namespace robosync::session
