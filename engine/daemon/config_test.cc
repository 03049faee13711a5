#include "engine/daemon/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/daemon/config_reader.h"

namespace robosync::daemon {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view kModule = "[modules.m]\npath = '/srv/m'\n";

// The mistakes in `text`, or "" when it is valid.
std::string mistakes(const std::string& text) {
  const auto config = parse_config(text, "f.toml");
  return config ? "" : config.error().context;
}

std::string top(const std::string& lines) { return mistakes(lines + "\n" + std::string(kModule)); }
std::string module(const std::string& lines) { return mistakes(std::string(kModule) + lines); }

Config valid(const std::string& text) {
  auto config = parse_config(text, "f.toml");
  EXPECT_TRUE(config) << config.error().context;
  return config ? *config : Config{};
}

TEST(ConfigTest, the_least_file_is_safe) {
  const Config config = valid(std::string(kModule));
  ASSERT_EQ(config.bind.size(), 2U);
  EXPECT_EQ(config.bind[0].text(), "127.0.0.1:9031");
  EXPECT_EQ(config.bind[1].text(), "[::1]:9031");
  EXPECT_FALSE(config.plaintext);
  EXPECT_FALSE(config.metrics);
  ASSERT_EQ(config.modules.size(), 1U);
  const Module& only = config.modules[0];
  EXPECT_EQ(only.name, "m");
  EXPECT_EQ(only.path, "/srv/m");
  EXPECT_TRUE(only.read_only);
  EXPECT_FALSE(only.allow_delete);
  EXPECT_FALSE(only.allow_anonymous_remote);
  EXPECT_FALSE(only.keep_owners);
  EXPECT_EQ(only.symlinks, SymlinkPolicy::kSafe);
}

TEST(ConfigTest, every_key_arrives) {
  const Config config = valid(R"(
bind = ["192.0.2.1", "[::]:9000"]
port = 9999
plaintext = false
state_dir = "/var/lib/r"
tokens_file = "t.toml"
sandbox = "require"
[tls]
certificate = "c.pem"
key = "k.pem"
[limits]
connections_max = 5
connections_per_address_max = 2
handshake_timeout_s = 7
idle_timeout_s = 8
stall_timeout_s = 9
grace_s = 9
worker_memory_mib = 512
worker_open_files = 128
[log]
level = "debug"
format = "json"
[metrics]
bind = "127.0.0.1:9032"
[modules.m]
path = "/m"
)");
  ASSERT_EQ(config.bind.size(), 2U);
  EXPECT_EQ(config.bind[0].text(), "192.0.2.1:9999");
  EXPECT_EQ(config.bind[1].text(), "[::]:9000");
  EXPECT_EQ(config.state_dir, "/var/lib/r");
  EXPECT_EQ(config.tokens_file, "t.toml");
  EXPECT_EQ(config.sandbox, SandboxPolicy::kRequire);
  EXPECT_EQ(config.certificate_file, "c.pem");
  EXPECT_EQ(config.key_file, "k.pem");
  EXPECT_EQ(config.limits.connections_max, 5U);
  EXPECT_EQ(config.limits.connections_per_address_max, 2U);
  EXPECT_EQ(config.limits.handshake_timeout.count(), 7);
  EXPECT_EQ(config.limits.idle_timeout.count(), 8);
  EXPECT_EQ(config.limits.stall_timeout.count(), 9);
  EXPECT_EQ(config.limits.grace.count(), 9);
  EXPECT_EQ(config.limits.worker_memory_mib, 512U);
  EXPECT_EQ(config.limits.worker_open_files, 128U);
  EXPECT_EQ(config.log_level, LogLevel::kDebug);
  EXPECT_EQ(config.log_format, LogFormat::kJson);
  ASSERT_TRUE(config.metrics);
  EXPECT_EQ(config.metrics->text(), "127.0.0.1:9032");
}

TEST(ConfigTest, every_key_of_a_module_arrives) {
  const Config config = valid(R"(
[modules.photos]
path = "/srv/photos"
comment = "ours"
read_only = false
allow_delete = true
connections_max = 3
users = { alice = "read", bob = "write", carol = "delete" }
hosts_allow = ["192.0.2.0/24"]
hosts_deny = ["192.0.2.7"]
symlinks = "skip"
keep_owners = true
uid = "backup"
gid = 34
chmod = "D755,F644"
)");
  const Module* photos = config.find_module("photos");
  ASSERT_NE(photos, nullptr);
  EXPECT_EQ(config.find_module("Photos"), nullptr);
  EXPECT_FALSE(photos->read_only);
  EXPECT_TRUE(photos->allow_delete);
  EXPECT_EQ(photos->comment, "ours");
  EXPECT_EQ(photos->connections_max, 3U);
  EXPECT_EQ(photos->users.at("alice"), Right::kRead);
  EXPECT_EQ(photos->users.at("bob"), Right::kWrite);
  EXPECT_EQ(photos->users.at("carol"), Right::kDelete);
  EXPECT_EQ(photos->hosts_allow.size(), 1U);
  EXPECT_EQ(photos->hosts_deny.size(), 1U);
  EXPECT_EQ(photos->symlinks, SymlinkPolicy::kSkip);
  EXPECT_TRUE(photos->keep_owners);
  EXPECT_EQ(photos->uid, (Account{"backup", 0}));
  EXPECT_EQ(photos->gid, (Account{"", 34}));
  EXPECT_EQ(photos->chmod, "D755,F644");
}

TEST(ConfigTest, filters_arrive_in_their_order) {
  const Config config =
      valid(std::string(kModule) + "exclude = ['*']\ninclude = ['*.jpg']\nfilter = ['- .git/']\n");
  const auto& filters = config.modules.at(0).filters;
  ASSERT_EQ(filters.size(), 3U);
  EXPECT_EQ(filters[0].form, tree::FilterArgument::Form::kRule);
  EXPECT_EQ(filters[1].form, tree::FilterArgument::Form::kInclude);
  EXPECT_EQ(filters[2].form, tree::FilterArgument::Form::kExclude);
}

TEST(ConfigTest, a_mistake_names_file_line_and_key) {
  EXPECT_EQ(module("read_only = 1"),
            "f.toml:3: modules.m.read_only: must be true or false, is a whole number");
  EXPECT_EQ(top("[limits]\ngrace_s = -1"), "f.toml:2: limits.grace_s: must be 0 to 3600, is -1");
  EXPECT_THAT(mistakes("bind = \n"), StartsWith("f.toml:1: "));
  EXPECT_THAT(mistakes("a = 1\na = 2\n"), StartsWith("f.toml:2: "));
  EXPECT_EQ(mistakes("\n[}etrics]\nbind = ''\n"), "f.toml:2: a key is malformed");
  EXPECT_EQ(mistakes("# \u00e9\nbind = '\u00e9' \u3042\n"),
            "f.toml:2: a character that belongs into quotes");
  EXPECT_THAT(top("'\u00e9' = \"\\\"\u00e9\"\n\"\"\"\n\u00e9\"\"\" = 1"), StartsWith("f.toml:"));
}

TEST(ConfigTest, mistakes_are_told_together_in_the_order_of_lines) {
  EXPECT_EQ(top("plaintext = 3\nport = true"),
            "f.toml:1: plaintext: must be true or false, is a whole number\n"
            "f.toml:2: port: must be a whole number, is true or false");
}

TEST(ConfigTest, only_so_many_mistakes_are_told) {
  std::string lines;
  for (std::size_t i = 0; i < kConfigProblemsMax; ++i) lines += "nope" + std::to_string(i) + "=1\n";
  EXPECT_THAT(top(lines), testing::Not(HasSubstr("more")));
  EXPECT_THAT(top(lines + "x9 = 1"), HasSubstr("\nand 1 more"));
}

TEST(ConfigTest, unknown_keys_are_mistakes_with_a_suggestion) {
  EXPECT_EQ(module("readonly = true"),
            "f.toml:3: modules.m.readonly: there is no such key; is it 'read_only'?");
  EXPECT_EQ(module("zzzzzz = true"), "f.toml:3: modules.m.zzzzzz: there is no such key");
  EXPECT_THAT(top("prot = 1"), HasSubstr("is it 'port'?"));
  for (const char* table : {"tls", "limits", "log", "metrics"}) {
    EXPECT_THAT(top(std::string("[") + table + "]\nzzzzzz = 1"),
                HasSubstr(std::string(table) + ".zzzzzz: there is no such key"));
  }
  EXPECT_THAT(top("[limit]"), HasSubstr("is it 'limits'?"));
}

TEST(ConfigTest, control_characters_of_keys_are_not_repeated) {
  EXPECT_EQ(module("\"a\\u001b[2J\" = 1"), "f.toml:3: modules.m.a?[2J: there is no such key");
}

TEST(ConfigTest, numbers_at_their_limits_and_one_past) {
  struct Case {
    const char* table;
    const char* key;
    std::uint64_t min;
    std::uint64_t max;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"", "port", 0, 65535},
           {"[limits]", "connections_max", 1, kConnectionsMax},
           {"[limits]", "connections_per_address_max", 1, kConnectionsMax},
           {"[limits]", "handshake_timeout_s", 1, kHandshakeTimeoutMaxSeconds},
           {"[limits]", "idle_timeout_s", 1, kIdleTimeoutMaxSeconds},
           {"[limits]", "stall_timeout_s", 1, kStallTimeoutMaxSeconds},
           {"[limits]", "grace_s", 0, kGraceMaxSeconds},
           {"[limits]", "worker_memory_mib", kWorkerMemoryMinMib, kWorkerMemoryMaxMib},
           {"[limits]", "worker_open_files", kWorkerOpenFilesMin, kWorkerOpenFilesMax},
           {"[modules.m]\npath='/m'", "connections_max", 0, kConnectionsMax},
           {"[modules.m]\npath='/m'", "uid", 0, kAccountIdMax},
           {"[modules.m]\npath='/m'", "gid", 0, kAccountIdMax}}) {
    const auto with = [&](std::int64_t value) {
      const std::string line = std::string(c.key) + " = " + std::to_string(value);
      const std::string text = std::string(c.table) + "\n" + line + "\n";
      return mistakes(text.find("modules") == std::string::npos ? text + std::string(kModule)
                                                                : text);
    };
    EXPECT_EQ(with(static_cast<std::int64_t>(c.min)), "") << c.key;
    EXPECT_EQ(with(static_cast<std::int64_t>(c.max)), "") << c.key;
    EXPECT_THAT(with(static_cast<std::int64_t>(c.min) - 1), HasSubstr("must be")) << c.key;
    EXPECT_THAT(with(static_cast<std::int64_t>(c.max) + 1), HasSubstr("must be")) << c.key;
  }
  EXPECT_EQ(top("[limits]\nworker_memory_mib = 0"), "");
}

TEST(ConfigTest, every_key_refuses_the_wrong_type) {
  for (const char* line :
       {"bind = 'x'", "bind = [1]", "port = '1'", "plaintext = 'yes'", "state_dir = 1",
        "tokens_file = []", "sandbox = true", "tls = 1", "limits = []", "log = 'json'",
        "metrics = '127.0.0.1:1'", "tls = { certificate = 1, key = 'k' }",
        "tls = { certificate = 'c', key = 2 }", "log = { level = 3 }", "log = { format = 3 }",
        "metrics = { bind = 3 }", "metrics = { bind = '127.0.0.1:1', allow_remote = 3 }",
        "limits = { grace_s = 1.5 }", "limits = { grace_s = 1979-05-27 }"}) {
    EXPECT_THAT(top(line), StartsWith("f.toml:1: ")) << line;
  }
  for (const char* key : {"path", "comment", "read_only", "allow_delete", "allow_anonymous_remote",
                          "connections_max", "users", "hosts_allow", "hosts_deny", "filter",
                          "include", "exclude", "symlinks", "keep_owners", "uid", "gid", "chmod"}) {
    const std::string prefix = std::string(key) == "path" ? "" : "path = '/m'\n";
    EXPECT_THAT(mistakes("[modules.m]\n" + prefix + key + " = 1.5"), HasSubstr(key)) << key;
  }
  EXPECT_THAT(mistakes("modules = 1"), HasSubstr("modules: must be a table"));
  EXPECT_THAT(mistakes("[modules]\nm = 1"), HasSubstr("modules.m: must be a table"));
}

TEST(ConfigTest, choices_list_what_there_is) {
  EXPECT_THAT(top("sandbox = 'on'"), HasSubstr("must be one of best, require, off, is 'on'"));
  EXPECT_THAT(top("[log]\nlevel = 'loud'"), HasSubstr("error, warning, info, debug"));
  EXPECT_THAT(top("[log]\nformat = 'xml'"), HasSubstr("text, json"));
  EXPECT_THAT(module("symlinks = 'follow'"), HasSubstr("safe, keep, skip"));
  EXPECT_THAT(module("users = { a = 'all' }"), HasSubstr("read, write, delete"));
}

TEST(ConfigTest, strings_have_limits) {
  const auto comment = [](const std::string& text) { return module("comment = '" + text + "'"); };
  EXPECT_EQ(comment(std::string(kConfigStringBytesMax, 'x')), "");
  EXPECT_THAT(comment(std::string(kConfigStringBytesMax + 1, 'x')), HasSubstr("is longer than"));
  EXPECT_THAT(comment(""), HasSubstr("must not be empty"));
  EXPECT_THAT(module("comment = \"a\\nb\""), HasSubstr("control characters"));
  EXPECT_THAT(module("comment = \"a\\u007f\""), HasSubstr("control characters"));
}

TEST(ConfigTest, lists_have_limits) {
  const auto list = [](std::size_t count) {
    std::string text = "hosts_deny = [";
    for (std::size_t i = 0; i < count; ++i) text += "'192.0.2.1',";
    return module(text + "]");
  };
  EXPECT_EQ(list(kConfigListMax), "");
  EXPECT_THAT(list(kConfigListMax + 1), HasSubstr("has more than"));
  const auto binds = [](std::size_t count) {
    std::string text = "bind = [";
    for (std::size_t i = 0; i < count; ++i) text += "'127.0.0.1:" + std::to_string(i + 1) + "',";
    return top(text + "]");
  };
  EXPECT_EQ(binds(kBindAddressesMax), "");
  EXPECT_THAT(binds(kBindAddressesMax + 1), HasSubstr("has more than"));
  const auto modules = [](std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
      text += "[modules.m" + std::to_string(i) + "]\npath = '/m'\n";
    }
    return mistakes(text);
  };
  EXPECT_EQ(modules(kModulesMax), "");
  EXPECT_THAT(modules(kModulesMax + 1), HasSubstr("has more than"));
}

TEST(ConfigTest, the_file_has_a_limit) {
  std::string text(kModule);
  text += '#' + std::string(kConfigBytesMax - text.size() - 1, 'x');
  EXPECT_EQ(mistakes(text), "");
  EXPECT_THAT(mistakes(text + "x"), HasSubstr("longer than"));
}

TEST(ConfigTest, depth_has_a_limit) {
  EXPECT_THAT(mistakes("a = " + std::string(20, '[') + std::string(20, ']')),
              HasSubstr("inside each other"));
  EXPECT_THAT(mistakes("a = " + std::string(100'000, '[')), StartsWith("f.toml:1: "));
}

TEST(ConfigTest, module_names) {
  EXPECT_TRUE(is_module_name("a"));
  EXPECT_TRUE(is_module_name(std::string(kModuleNameBytesMax, 'a')));
  EXPECT_FALSE(is_module_name(std::string(kModuleNameBytesMax + 1, 'a')));
  for (const char* name : {"", ".", "..", "-a", "_a", "a b", "a/b", "a\n", "\xc3\xa4"}) {
    EXPECT_FALSE(is_module_name(name)) << name;
  }
  EXPECT_THAT(mistakes("[modules.\"a b\"]\npath = '/m'"), HasSubstr("is no module name"));
}

TEST(ConfigTest, a_module_has_an_absolute_path) {
  EXPECT_THAT(mistakes("[modules.m]"), HasSubstr("modules.m.path: is missing"));
  EXPECT_THAT(mistakes("[modules.m]\npath = 'srv'"), HasSubstr("must be absolute"));
  EXPECT_THAT(mistakes(""), HasSubstr("modules: there is none"));
  EXPECT_THAT(mistakes("[modules]"), HasSubstr("modules: there is none"));
}

TEST(ConfigTest, rights_that_contradict_the_module_are_mistakes) {
  EXPECT_THAT(module("allow_delete = true"), HasSubstr("needs read_only = false"));
  EXPECT_THAT(module("users = { bob = 'write' }"), HasSubstr("users.bob: cannot write"));
  EXPECT_THAT(module("read_only = false\nusers = { bob = 'delete' }"),
              HasSubstr("users.bob: cannot delete"));
  EXPECT_THAT(module("users = {}"), HasSubstr("users: is empty"));
  EXPECT_THAT(module("users = { a = 'read' }\nallow_anonymous_remote = true"),
              HasSubstr("contradicts users"));
  EXPECT_THAT(module("users = { \"a b\" = 'read' }"), HasSubstr("is no token name"));
}

TEST(ConfigTest, what_modules_hold_is_checked_now_and_not_when_somebody_connects) {
  EXPECT_THAT(module("hosts_deny = ['192.0.2.0/33']"), HasSubstr("f.toml:3: modules.m.hosts_deny"));
  EXPECT_THAT(module("hosts_allow = ['example.org']"), HasSubstr("hosts_allow"));
  EXPECT_THAT(module("filter = ['nonsense foo']"), HasSubstr("modules.m.filter"));
  EXPECT_THAT(module("filter = ['merge /etc/passwd']"), HasSubstr("not read here"));
  EXPECT_THAT(module("filter = [': .rules']"), HasSubstr("modules.m.filter: rules of files"));
  EXPECT_THAT(module("chmod = 'rwx'"), HasSubstr("modules.m.chmod"));
}

TEST(ConfigTest, addresses_to_listen_on) {
  EXPECT_THAT(top("bind = ['localhost']"), HasSubstr("f.toml:1: bind: 'localhost' is not"));
  EXPECT_THAT(top("bind = ['127.0.0.1', '127.0.0.1:9031']"), HasSubstr("is there twice"));
  EXPECT_EQ(top("bind = ['127.0.0.1:0', '127.0.0.1:0']"), "");
  EXPECT_THAT(top("bind = []"), HasSubstr("is empty"));
}

TEST(ConfigTest, metrics_leave_the_machine_only_in_so_many_words) {
  EXPECT_THAT(top("[metrics]\nbind = '0.0.0.0:9032'"), HasSubstr("allow_remote = true"));
  EXPECT_EQ(top("[metrics]\nbind = '0.0.0.0:9032'\nallow_remote = true"), "");
  EXPECT_EQ(top("[metrics]\nbind = '[::1]:9032'"), "");
  EXPECT_THAT(top("[metrics]\nbind = '127.0.0.1'"), HasSubstr("needs a port"));
  EXPECT_THAT(top("[metrics]\nbind = '::1'"), HasSubstr("needs a port"));
  EXPECT_THAT(top("[metrics]"), HasSubstr("metrics.bind: is missing"));
}

TEST(ConfigTest, certificate_and_key_come_together) {
  EXPECT_THAT(top("[tls]\nkey = 'k'"), HasSubstr("tls.certificate: is missing beside key"));
  EXPECT_THAT(top("[tls]\ncertificate = 'c'"), HasSubstr("tls.key: is missing beside certificate"));
  EXPECT_THAT(top("plaintext = true\n[tls]\nkey = 'k'\ncertificate = 'c'"),
              HasSubstr("contradicts plaintext"));
}

TEST(ConfigTest, clients_certificates_go_with_any_pair) {
  EXPECT_EQ(top("[tls]\nclient_ca = 'ca.pem'"), "");
  EXPECT_EQ(valid("[tls]\nclient_ca = 'ca.pem'\n" + std::string(kModule)).client_ca_file, "ca.pem");
  EXPECT_THAT(top("plaintext = true\n[tls]\nclient_ca = 'c'"), HasSubstr("contradicts plaintext"));
}

TEST(ConfigTest, tokens_need_tls) {
  EXPECT_THAT(mistakes("plaintext = true\n" + std::string(kModule) + "users = { a = 'read' }"),
              HasSubstr("f.toml:2: modules.m.users: need TLS"));
}

TEST(ConfigTest, quick_start_is_a_file_in_other_words) {
  const auto text = config_text({.root = "/srv/my \"photos\"/", .bind = "[::1]:7"});
  ASSERT_TRUE(text) << text.error().context;
  const Config config = valid(*text);
  ASSERT_EQ(config.modules.size(), 1U);
  EXPECT_EQ(config.modules[0].name, "my__photos_");
  EXPECT_EQ(config.modules[0].path, "/srv/my \"photos\"");
  EXPECT_TRUE(config.modules[0].read_only);
  ASSERT_EQ(config.bind.size(), 1U);
  EXPECT_EQ(config.bind[0].text(), "[::1]:7");
  EXPECT_EQ(valid(*config_text({.root = "/", .bind = "::1"})).modules[0].name, "root");
  EXPECT_EQ(valid(*config_text({.root = "/.git", .bind = "::1"})).modules[0].name, "mgit");
  const Config writable =
      valid(*config_text({.root = "/m", .bind = "::1", .writable = true, .allow_delete = true}));
  EXPECT_FALSE(writable.modules[0].read_only);
  EXPECT_TRUE(writable.modules[0].allow_delete);
  EXPECT_FALSE(config_text({.root = "/m", .bind = "::1", .allow_delete = true}));
  EXPECT_FALSE(config_text({.root = "/\xff", .bind = "::1"}));
  EXPECT_FALSE(config_text({.root = "/m", .bind = "nowhere"}));
}

TEST(ConfigReaderTest, suggests_only_what_is_near) {
  const std::vector<std::string> known = {"read_only", "path", "port"};
  EXPECT_EQ(closest("readonly", known), "read_only");
  EXPECT_EQ(closest("pth", known), "path");
  EXPECT_EQ(closest("q", known), "");
  EXPECT_EQ(closest(std::string(1000, 'p'), known), "");
}

}  // namespace
}  // namespace robosync::daemon
