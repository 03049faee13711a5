// ModeChange: a table of what each form does. chmod_rsync_posix_test.cc compares with rsync itself.
#include "engine/tree/chmod.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace robosync::tree {
namespace {

struct Row {
  const char* text;
  std::uint32_t before;
  std::uint32_t file;
  std::uint32_t directory;
};

// With umask 022.
TEST(Chmod, Table) {
  constexpr Row kRows[] = {
      {"755", 0640, 0755, 0755},
      {"0755", 0640, 0755, 0755},
      {"4711", 0, 04711, 04711},
      {"0", 07777, 0, 0},
      {"D755,F644", 0700, 0644, 0755},
      {"u+x", 0640, 0740, 0740},
      {"go-rwx", 0777, 0700, 0700},
      {"u=rw", 0751, 0651, 0651},
      {"ug=rwX,o=", 0640, 0660, 0770},
      {"a=rX", 0751, 0555, 0555},
      {"a=rX", 0640, 0444, 0555},
      {"+x", 0640, 0751, 0751},
      {"+w", 0440, 0640, 0640},  // the umask keeps w from the others
      {"-w", 0666, 0466, 0466},
      {"=rwx", 0, 0755, 0755},
      {"g=", 0777, 0707, 0707},
      {"u=", 04755, 04055, 04055},  // '=' without s leaves the set-id bits
      {"u=s", 0755, 04055, 04055},
      {"a=t", 06755, 01000, 01000},
      {"a+s", 0755, 06755, 06755},
      {"+s", 0755, 04755, 04755},
      {"g-s", 06755, 04755, 04755},
      {"o+t", 0777, 01777, 01777},
      {"Dg+s,ug+w,Fo-w,+X", 0646, 0664, 02777},
      {"a-x,a+X", 0755, 0755, 0755},  // X asks what was there first
      {"u+x,g+X", 0640, 0740, 0750},
      {"g=u", 0740, 0770, 0770},
      {"o=g", 0750, 0755, 0755},
      {"u=g", 04750, 0550, 0550},
      {"go+u", 0700, 0777, 0777},
      {"u+", 0640, 0640, 0640},
      {"Du+x", 0600, 0600, 0700},
      {"DDu+x", 0600, 0600, 0700},
  };
  for (const Row& row : kRows) {
    const auto change = ModeChange::parse(row.text);
    ASSERT_TRUE(change) << row.text;
    EXPECT_EQ(change->apply(row.before, false, 022), row.file) << row.text;
    EXPECT_EQ(change->apply(row.before, true, 022), row.directory) << row.text;
  }
}

TEST(Chmod, UmaskOnlyWhereNobodyIsNamed) {
  EXPECT_EQ(ModeChange::parse("+rwx")->apply(0, false, 077), 0700U);
  EXPECT_EQ(ModeChange::parse("a+rwx")->apply(0, false, 077), 0777U);
  EXPECT_EQ(ModeChange::parse("=u")->apply(0642, false, 077), 0600U);
}

TEST(Chmod, RefusesAndQuotesTheClause) {
  for (const std::string text :
       {"",      ",",   "u+x,", ",u+x", "u",   "D",    "DFu+x", "u+rw+x", "8",    "08",
        "77777", "a+q", "u=go", "u=gr", "d+x", " u+x", "u+7",   "7 5",    "755x", "++x"}) {
    const auto change = ModeChange::parse(text);
    ASSERT_FALSE(change) << text;
    EXPECT_EQ(change.error().kind, base::ErrorKind::kUsage);
  }
  EXPECT_EQ(ModeChange::parse("u+x,a+q,g+w").error().message(), "--chmod does not take 'a+q'");
}

TEST(Chmod, ClausesAtTheirLimit) {
  std::string text = "u+x";
  for (std::size_t i = 1; i < kModeChangeClausesMax; ++i) text += ",u+x";
  EXPECT_TRUE(ModeChange::parse(text));
  const auto change = ModeChange::parse(text + ",u+x");
  ASSERT_FALSE(change);
  EXPECT_EQ(change.error().kind, base::ErrorKind::kLimit);
}

TEST(Chmod, SeveralOptionsAddUp) {
  ModeChange change;
  EXPECT_TRUE(change.empty());
  EXPECT_EQ(change.apply(0640, false, 022), 0640U);
  change.append(*ModeChange::parse("u=rwx"));
  change.append(*ModeChange::parse("go=,u-w"));
  EXPECT_FALSE(change.empty());
  EXPECT_EQ(change.apply(0644, false, 022), 0500U);
  ModeChange toggled = *ModeChange::parse("g=u,u=");
  toggled.append(toggled);
  EXPECT_EQ(toggled.apply(0700, false, 022), 0U);
}

}  // namespace
}  // namespace robosync::tree
