// The expectations are what rsync 3.5 prints for the same change (e2e/itemize_linux_test.cc
// asks it, where it is installed).
#include "cli/output_itemize.h"

#include <gtest/gtest.h>

#include <string>

namespace robosync::cli {
namespace {

using tree::Kind;

std::string shown(Action action, Kind kind, Changes changes = {},
                  TimesKept times = TimesKept::kYes) {
  return itemize({.action = action, .kind = kind, .path = "x", .changes = changes}, times);
}

TEST(Itemize, NewEntries) {
  EXPECT_EQ(shown(Action::kCreated, Kind::kRegular), ">f+++++++++");
  EXPECT_EQ(shown(Action::kCreated, Kind::kDirectory), "cd+++++++++");
  EXPECT_EQ(shown(Action::kCreated, Kind::kSymlink), "cL+++++++++");
  EXPECT_EQ(shown(Action::kCreated, Kind::kFifo), "cS+++++++++");
  EXPECT_EQ(shown(Action::kCreated, Kind::kSocket), "cS+++++++++");
  EXPECT_EQ(shown(Action::kCreated, Kind::kCharDevice), "cD+++++++++");
  EXPECT_EQ(shown(Action::kCreated, Kind::kBlockDevice), "cD+++++++++");
  EXPECT_EQ(shown(Action::kLinked, Kind::kRegular), "hf+++++++++");
  EXPECT_EQ(shown(Action::kLinked, Kind::kSymlink), "hL+++++++++");
}

TEST(Itemize, ChangedEntries) {
  EXPECT_EQ(shown(Action::kUpdated, Kind::kRegular, {.size = true, .time = true}), ">f.st......");
  EXPECT_EQ(shown(Action::kUpdated, Kind::kRegular, {.content = true}), ">fc........");
  EXPECT_EQ(shown(Action::kUpdated, Kind::kRegular,
                  {.content = true,
                   .size = true,
                   .time = true,
                   .permissions = true,
                   .owner = true,
                   .group = true,
                   .acl = true,
                   .xattr = true}),
            ">fcstpog.ax");
  EXPECT_EQ(shown(Action::kUpdated, Kind::kRegular, {.time = true}, TimesKept::kNo), ">f..T......");
  EXPECT_EQ(shown(Action::kUpdated, Kind::kRegular, {}), ">f.........");
  EXPECT_EQ(shown(Action::kUpdated, Kind::kSymlink, {.content = true, .size = true}),
            "cLc........");
  EXPECT_EQ(shown(Action::kUpdated, Kind::kSymlink, {.content = true, .time = true}),
            "cLc.t......");
  EXPECT_EQ(shown(Action::kUpdated, Kind::kCharDevice, {.content = true}), "cDc........");
  EXPECT_EQ(shown(Action::kUpdated, Kind::kSymlink, {.kind = true}), "cL+++++++++");
  EXPECT_EQ(shown(Action::kUpdated, Kind::kRegular, {.kind = true}), ">f+++++++++");
  EXPECT_EQ(shown(Action::kUpdated, Kind::kDirectory, {.kind = true}), "cd+++++++++");
  EXPECT_EQ(shown(Action::kLinked, Kind::kRegular, {.time = true}), "hf..t......");
}

TEST(Itemize, AttributesAlone) {
  EXPECT_EQ(shown(Action::kMetadata, Kind::kDirectory, {.time = true}), ".d..t......");
  EXPECT_EQ(shown(Action::kMetadata, Kind::kRegular, {.permissions = true}), ".f...p.....");
  EXPECT_EQ(shown(Action::kMetadata, Kind::kRegular, {.owner = true, .group = true}),
            ".f....og...");
  EXPECT_EQ(shown(Action::kMetadata, Kind::kSymlink, {.time = true}), ".L..t......");
  EXPECT_EQ(shown(Action::kUnchanged, Kind::kRegular), ".f         ");
  EXPECT_EQ(shown(Action::kUnchanged, Kind::kDirectory), ".d         ");
  EXPECT_EQ(shown(Action::kDeleted, Kind::kDirectory), "*deleting  ");
}

TEST(Itemize, ComparisonsShowWhatACopyWouldDo) {
  EXPECT_EQ(shown(Action::kOnlySource, Kind::kRegular), ">f+++++++++");
  EXPECT_EQ(shown(Action::kOnlyTarget, Kind::kRegular), "*deleting  ");
  EXPECT_EQ(shown(Action::kDifferent, Kind::kRegular, {.content = true}), ">fc........");
  EXPECT_EQ(shown(Action::kDifferent, Kind::kRegular, {.permissions = true}), ".f...p.....");
  EXPECT_EQ(shown(Action::kDifferent, Kind::kDirectory, {.time = true}), ".d..t......");
  EXPECT_EQ(shown(Action::kDifferent, Kind::kRegular, {.kind = true}), ">f+++++++++");
}

TEST(Itemize, AlwaysElevenCharacters) {
  for (int action = 0; action <= static_cast<int>(Action::kOnlyTarget); ++action) {
    for (int kind = 0; kind <= static_cast<int>(Kind::kBlockDevice); ++kind) {
      for (const bool changed : {false, true}) {
        EXPECT_EQ(shown(static_cast<Action>(action), static_cast<Kind>(kind),
                        {.size = changed, .kind = changed})
                      .size(),
                  11U);
      }
    }
  }
}

TEST(ChangesInWords, AllOfThem) {
  EXPECT_EQ(changes_in_words({}), "");
  EXPECT_EQ(changes_in_words({.size = true, .time = true}), "size, time");
  EXPECT_EQ(changes_in_words({.content = true,
                              .size = true,
                              .time = true,
                              .permissions = true,
                              .owner = true,
                              .group = true,
                              .acl = true,
                              .xattr = true,
                              .kind = true}),
            "kind, content, size, time, permissions, owner, group, acl, xattr");
}

}  // namespace
}  // namespace robosync::cli
