// Options about the connection to a server.
#include <algorithm>
#include <iterator>

#include "cli/option_table.h"
#include "cli/option_values.h"

namespace robosync::cli {
namespace {

using Applied = base::Result<void>;

base::Error usage(std::string message) {
  return base::make_error(base::ErrorKind::kUsage, std::move(message));
}

base::Result<std::chrono::milliseconds> parse_time(const std::string& value,
                                                   std::chrono::milliseconds min) {
  ROBOSYNC_ASSIGN(const std::chrono::nanoseconds time, parse_seconds(value));
  if (time < min || time > kRetryWaitMax) {
    return base::fail(usage("'" + value + "' is not between " + std::to_string(min.count() / 1000) +
                            " seconds and a day"));
  }
  return std::chrono::duration_cast<std::chrono::milliseconds>(time);
}

// Words between blanks; quotes hold blanks together. No shell looks at them.
base::Result<std::vector<std::string>> command_words(const std::string& text) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = 0;
  for (const char c : text) {
    if (quote != 0) {
      if (c == quote) {
        quote = 0;
      } else {
        word += c;
      }
    } else if (c == '\'' || c == '"') {
      quote = c;
      in_word = true;
    } else if (c == ' ' || c == '\t') {
      if (in_word) words.push_back(std::move(word));
      word.clear();
      in_word = false;
    } else {
      word += c;
      in_word = true;
    }
  }
  if (quote != 0) return base::fail(usage("a quote is not closed"));
  if (in_word) words.push_back(std::move(word));
  if (words.empty()) return base::fail(usage("a command is needed"));
  return words;
}

// Who the two sides are to each other.
std::vector<OptionSpec> trust_options() {
  return {
      {"--token-file", "FILE",
       "who we are at the server: the token in FILE, which only we may read", kAllVerbs, "",
       [](Draft& draft, const std::string& value) -> Applied {
         draft.request.remote.token_file = value;
         return {};
       }},
      {"--tls-ca", "FILE",
       "the server's certificate is from an authority in FILE; 'system': from "
       "one that the system trusts",
       kAllVerbs, "",
       [](Draft& draft, const std::string& value) -> Applied {
         draft.request.remote.ca_file = value;
         return {};
       }},
      {"--tls-fingerprint", "SHA256:TEXT",
       "the server has this key; robosyncd fingerprint prints it there", kAllVerbs, "",
       [](Draft& draft, const std::string& value) -> Applied {
         if (!value.starts_with("SHA256:")) return base::fail(usage("begins with SHA256:"));
         draft.request.remote.fingerprint = value;
         return {};
       }},
      {"--tls-certificate", "FILE",
       "what we show to a server that asks clients for a certificate (PEM)", kAllVerbs, "",
       [](Draft& draft, const std::string& value) -> Applied {
         draft.request.remote.certificate_file = value;
         return {};
       }},
      {"--tls-key", "FILE", "the key of that certificate, which only we may read (PEM)", kAllVerbs,
       "",
       [](Draft& draft, const std::string& value) -> Applied {
         draft.request.remote.key_file = value;
         return {};
       }},
      {"--known-hosts", "FILE", "where the keys of servers are remembered", kAllVerbs, "",
       [](Draft& draft, const std::string& value) -> Applied {
         draft.request.remote.known_hosts_file = value;
         return {};
       }},
  };
}

}  // namespace

std::vector<OptionSpec> connection_options() {
  std::vector<OptionSpec> all = trust_options();
  std::vector<OptionSpec> others = {
      {"-e,--rsh", "COMMAND", "what reaches HOST:PATH (ssh)", kAllVerbs, "",
       [](Draft& draft, const std::string& value) -> Applied {
         ROBOSYNC_ASSIGN(draft.request.remote.shell, command_words(value));
         return {};
       }},
      {"--remote-program", "PATH", "robosync at the other end of that", kAllVerbs, "",
       [](Draft& draft, const std::string& value) -> Applied {
         draft.request.remote.remote_program = value;
         return {};
       }},
      {"-W,--whole-file", "", "send changed files whole, no delta against what the target has",
       kWritingVerbs, "verify sends no files",
       [](Draft& draft, const std::string&) -> Applied {
         draft.request.whole_files = true;
         return {};
       }},
      {"--no-compress", "", "send as it is, however slow the link", kAllVerbs, "",
       [](Draft& draft, const std::string&) -> Applied {
         draft.request.remote.compress = false;
         return {};
       }},
      {"--connections", "N",
       "so many at once, for long ways with loss (1, at most 16); not over ssh", kAllVerbs, "",
       [](Draft& draft, const std::string& value) -> Applied {
         ROBOSYNC_ASSIGN(const std::uint64_t count, parse_count(value, kConnectionsMax));
         draft.request.remote.connections =
             static_cast<unsigned>(std::max<std::uint64_t>(count, 1));
         return {};
       }},
      {"--timeout", "SECONDS", "give up when the other side makes no progress for so long (60)",
       kAllVerbs, "",
       [](Draft& draft, const std::string& value) -> Applied {
         ROBOSYNC_ASSIGN(draft.request.remote.no_progress_time,
                         parse_time(value, kNoProgressTimeMin));
         return {};
       }},
      {"--contimeout", "SECONDS", "give up when nobody answers within so long (15)", kAllVerbs, "",
       [](Draft& draft, const std::string& value) -> Applied {
         ROBOSYNC_ASSIGN(draft.request.remote.connect_time,
                         parse_time(value, std::chrono::milliseconds(1000)));
         return {};
       }},
  };
  std::ranges::move(others, std::back_inserter(all));
  return all;
}

}  // namespace robosync::cli
