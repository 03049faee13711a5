// Requirement 16, the attributes: capabilities outlive a new owner, access lists come with nodes
// and through --chmod, and an ordinary user can set what rsync can.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>

#include "cli/e2e/end_to_end_linux_testing.h"

namespace robosync::e2e {
namespace {

// cap_net_raw+ep, as setcap stores it.
const std::string kNetRaw(
    "\x01\x00\x00\x02\x00\x20\x00\x00\x00\x00\x00\x00"
    "\x00\x00\x00\x00\x00\x00\x00\x00",
    20);

Aspects with_attributes() {
  Aspects aspects;
  aspects.xattrs = true;
  return aspects;
}

class KeptAttributes : public DataSafety {
 protected:
  static void set_list(const std::string& path, const std::string& list) {
    run_or_throw({"setfacl", "-m", list, path});
  }
  static void set_default_list(const std::string& path, const std::string& list) {
    run_or_throw({"setfacl", "-d", "-m", list, path});
  }
  // Fails unless a verify finds no difference and a further run, done as `how` says, nothing to do.
  void expect_settled(const Arguments& options, const Arguments& how = {}) {
    ROBOSYNC_EXPECT_EXIT(kExitOk, verify(options));
    const Finished again = copy(joined(joined(options, how), {"--json", "-v"}));
    ROBOSYNC_EXPECT_EXIT(kExitOk, again);
    const JsonOutput output = parse_json_output(again.out);
    EXPECT_TRUE(output.events.empty()) << ::testing::PrintToString(output.event_lines());
  }
  [[nodiscard]] static Arguments joined(Arguments first, const Arguments& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
  }
  // Runs as the unprivileged user on what already belongs to him.
  [[nodiscard]] static Finished as_nobody(const Arguments& arguments) {
    Command command = robosync_command(arguments);
    command.user = kUnprivileged;
    return run(command);
  }
};

const auto kRoutes = {Route::kLocal, Route::kPush, Route::kPull};

TEST_F(KeptAttributes, Row16_CapabilitiesOutliveANewOwner) {
  if (!is_root()) GTEST_SKIP() << "giving files away needs root";
  const auto capable = [](TreeBuilder tree, const char* name, uid_t owner) {
    tree.owner(name, owner, owner).xattr(name, "security.capability", kNetRaw);
  };
  for (const Route route : kRoutes) {
    set_route(route);
    for (const Arguments& how : {Arguments{}, Arguments{"--no-fast-path=all"},
                                 Arguments{"--verify-after"}, Arguments{"--inplace"}}) {
      const Arguments options = joined({"-X"}, how);
      SCOPED_TRACE(::testing::PrintToString(options));
      remove_tree(target_path());
      source().file("x", "program", 0755).file("d/y", "another", 0755).owner("d", 3, 4);
      source().xattr("d", "user.d", "1");
      capable(source(), "x", 1);
      capable(source(), "d/y", 2);
      ROBOSYNC_EXPECT_EXIT(kExitOk, copy(options));
      ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path(), with_attributes());
      // Only the owner, and only the group, of what has the same capability already.
      target().owner("x", 7, 1).owner("d/y", 2, 7).owner("d", 7, 7);
      for (const char* name : {"x", "d/y"}) target().xattr(name, "security.capability", kNetRaw);
      ROBOSYNC_EXPECT_EXIT(kExitOk, copy(options));
      ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path(), with_attributes());
      // Content and owner.
      source().file("x", "another program", 0755, kNewTime);
      capable(source(), "x", 5);
      ROBOSYNC_EXPECT_EXIT(kExitOk, copy(options));
      ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path(), with_attributes());
      expect_settled({"-X"}, how);
    }
  }
  set_route(Route::kLocal);
  remove_tree(target_path());
  ROBOSYNC_EXPECT_EXIT(kExitOk, move({"-q", "-X"}));
  EXPECT_EQ(kNetRaw, read_tree(target_path()).at("x").xattrs["security.capability"]);
}

TEST_F(KeptAttributes, Row16_AccessListsOfNodes) {
  source().fifo("p", 0600).fifo("sub/p", 0640).fifo("plain", 0640).fifo("sub/plain", 0604);
  source().file("sub/f", "x");
  if (is_root()) {
    source().device("sub/null", S_IFCHR, 1, 3).device("disk", S_IFBLK, 7, 200);
    for (const char* name : {"sub/null", "disk"}) set_list(source().at(name), "u:1:rw");
  }
  for (const char* name : {"p", "sub/p"}) set_list(source().at(name), "u:1:rw");
  for (const Route route : kRoutes) {
    set_route(route);
    for (const Arguments& how : {Arguments{}, Arguments{"--no-fast-path=all"}}) {
      const Arguments options = joined({"-A"}, how);
      SCOPED_TRACE(::testing::PrintToString(options));
      remove_tree(target_path());
      // Nothing is inherited either.
      set_default_list(target().root(), "u:5:rwx,g:6:rwx");
      ROBOSYNC_EXPECT_EXIT(kExitOk, copy(options));
      ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path(), with_attributes());
      expect_settled({"-A"}, how);
      set_list(target().at("plain"), "u:1:rw");
      set_list(target().at("sub/p"), "u:1:r,u:2:rw");
      run_or_throw({"setfacl", "-b", target().at("p")});
      ROBOSYNC_EXPECT_EXIT(kExitDifferent, verify({"-A"}));
      ROBOSYNC_EXPECT_EXIT(kExitOk, copy(options));
      ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path(), with_attributes());
    }
  }
}

TEST_F(KeptAttributes, Row16_AccessListsOfFifosForAnOrdinaryUser) {
  source().fifo("p", 0600).fifo("sub/p", 0640);
  for (const char* name : {"p", "sub/p"}) set_list(source().at(name), "u:1:rw");
  for (const Route route : kRoutes) {
    remove_tree(target_path());
    const Arguments arguments = over(route, {"copy", "-A", source_slash(), target_path()});
    ROBOSYNC_EXPECT_EXIT(kExitOk, unprivileged(arguments));
    ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path(), with_attributes());
    set_list(target().at("p"), "u:2:rw");
    ROBOSYNC_EXPECT_EXIT(kExitOk, unprivileged(arguments));
    ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path(), with_attributes());
  }
}

TEST_F(KeptAttributes, Row16_AccessListsWithChmodSettle) {
  source().file("f", "1").fifo("p", 0660).file("sub/g", "2").file("plain", "3");
  for (const char* name : {"", "sub"}) set_list(source().at(name), "u:1:rwx");
  for (const char* name : {"f", "p"}) set_list(source().at(name), "u:1:rw");
  set_list(source().at("sub/g"), "u:1:rwx,g::rx");
  set_default_list(source().at("sub"), "u:1:rwx");
  for (const Route route : kRoutes) {
    set_route(route);
    for (const char* change : {"D755,F644", "go=", "o=", "ug=rwX,o=", "F600"}) {
      for (const Arguments& how : {Arguments{}, Arguments{"--no-fast-path=all"}}) {
        SCOPED_TRACE(change);
        const Arguments options = {"-A", std::string("--chmod=") + change};
        remove_tree(target_path());
        ROBOSYNC_EXPECT_EXIT(kExitOk, copy(joined(options, how)));
        expect_settled(options, how);
      }
    }
  }
  EXPECT_EQ(0600U, read_tree(target_path()).at("f").mode);
  EXPECT_EQ(1U, read_tree(target_path()).at("f").xattrs.count("system.posix_acl_access"));
  // A list that differs otherwise is still a difference.
  set_list(target().at("f"), "u:1:r,m::-");
  ROBOSYNC_EXPECT_EXIT(kExitDifferent, verify({"-A", "--chmod=F600"}));
}

TEST_F(KeptAttributes, Row16_AnOrdinaryUserSetsThemOnWhatIsReadOnly) {
  source().file("f", "x").xattr("f", "user.a", "1").xattr("f", "user.b", "1");
  source().file("d/g", "y").xattr("d", "user.d", "1").directory("e").xattr("e", "user.e", "1");
  const auto lock = [&] {
    source().mode("f", 0444).mode("d/g", 0400);
    for (const char* name : {"d", "e"}) source().mode(name, 0555);
  };
  lock();
  for (const char* name : {"f", "d", "e"}) set_list(source().at(name), "u:1:rx");
  give_to_unprivileged(root());
  for (const Arguments& how : {Arguments{}, Arguments{"--no-fast-path=all"}}) {
    SCOPED_TRACE(::testing::PrintToString(how));
    remove_tree(target_path());
    const Arguments arguments =
        joined(joined({"copy", "-A", "-X"}, how), {source_slash(), target_path()});
    ROBOSYNC_EXPECT_EXIT(kExitOk, as_nobody(arguments));
    ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path(), with_attributes());
    // Set, added and removed on what is there and read-only.
    const auto alter = [&](const char* name) {
      const mode_t mode = read_tree(target_path()).at(name).mode;
      target().mode(name, mode | 0200U).xattr(name, "user.b", "other");
      target().xattr(name, "user.extra", "x").mode(name, mode);
    };
    for (const char* name : {"f", "d", "e"}) alter(name);
    ROBOSYNC_EXPECT_EXIT(kExitOk, as_nobody(arguments));
    ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path(), with_attributes());
    // Together with a list.
    alter("f");
    run_or_throw({"setfacl", "-b", target().at("f")});
    ROBOSYNC_EXPECT_EXIT(kExitOk, as_nobody(arguments));
    ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path(), with_attributes());
  }
}

}  // namespace
}  // namespace robosync::e2e
