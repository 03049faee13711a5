#include "engine/daemon/tokens.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/daemon/config.h"
#include "engine/daemon/config_document.h"
#include "engine/daemon/config_reader.h"

namespace robosync::daemon {
namespace {

using Kind = ConfigValue::Kind;

bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](unsigned char byte) {
    return byte > 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
  });
}

void read_plain(TableReader& reader, std::string_view key, std::size_t bytes_max,
                std::string& out) {
  if (reader.take_any(key) == nullptr) {
    reader.problem(reader.line(), key, "is missing");
    return;
  }
  if (!reader.string(key, out)) return;
  if (out.size() > bytes_max || !is_plain(out)) {
    reader.problem(reader.take_any(key)->line, key,
                   fmt::format("must be at most {} visible letters", bytes_max));
  }
}

}  // namespace

base::Result<TokenTable> TokenTable::parse(std::string_view text, std::string_view file_name) {
  ROBOSYNC_ASSIGN(const ConfigValue document, parse_document(text, file_name));
  ConfigProblems problems(file_name);
  TableReader root(document, "", problems);
  TokenTable table;
  const ConfigValue* list = root.take("token", Kind::kArray);
  root.finish();
  if (list != nullptr && list->items.size() > kTokensMax) {
    root.problem(list->line, "token", fmt::format("there are more than {}", kTokensMax));
    list = nullptr;
  }
  for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
    const ConfigValue& item = list->items[i];
    if (item.kind != Kind::kTable) {
      root.problem(item.line, "token", "must be a table ([[token]])");
      continue;
    }
    TableReader reader(item, "token", problems);
    Token token;
    read_plain(reader, "name", kModuleNameBytesMax, token.name);
    read_plain(reader, "id", kTokenIdBytesMax, token.id);
    read_plain(reader, "verifier", kTokenVerifierBytesMax, token.verifier);
    reader.finish();
    if (!token.name.empty() && !is_module_name(token.name)) {
      reader.problem(item.line, "name", "is no token name (letters, digits, '.', '_', '-')");
    }
    if (table.find_name(token.name) != nullptr) {
      reader.problem(item.line, "name", fmt::format("'{}' is there twice", token.name));
    }
    if (table.find_id(token.id) != nullptr) {
      reader.problem(item.line, "id", fmt::format("'{}' is there twice", token.id));
    }
    table.tokens_.push_back(std::move(token));
  }
  if (!problems.empty()) {
    return base::fail(base::make_error(base::ErrorKind::kUsage, problems.text()));
  }
  return table;
}

const Token* TokenTable::find_id(std::string_view id) const {
  const auto found = std::ranges::find(tokens_, id, &Token::id);
  return found == tokens_.end() ? nullptr : &*found;
}

const Token* TokenTable::find_name(std::string_view name) const {
  const auto found = std::ranges::find(tokens_, name, &Token::name);
  return found == tokens_.end() ? nullptr : &*found;
}

std::string token_text(const Token& token) {
  return fmt::format("\n[[token]]\nname = \"{}\"\nid = \"{}\"\nverifier = \"{}\"\n", token.name,
                     token.id, token.verifier);
}

}  // namespace robosync::daemon
