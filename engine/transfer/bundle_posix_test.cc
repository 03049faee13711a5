#include <gtest/gtest.h>

#include <string>

#include "engine/transfer/bundle.h"

namespace robosync::transfer {
namespace {

std::span<const std::byte> bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

struct Bundle {
  std::vector<std::string> contents;
  std::vector<std::uint64_t> sizes;
  std::string archive;
};

Bundle make(std::vector<std::string> contents) {
  Bundle bundle{.contents = std::move(contents)};
  BundleWriter writer;
  for (const std::string& content : bundle.contents) {
    EXPECT_TRUE(writer.add(bytes(content)));
    bundle.sizes.push_back(content.size());
  }
  EXPECT_EQ(writer.members(), bundle.contents.size());
  auto archive = writer.finish();
  EXPECT_TRUE(archive);
  bundle.archive = *archive;
  return bundle;
}

TEST(Bundle, WhatGoesInComesOut) {
  const Bundle bundle = make({"", "a", std::string(511, 'x'), std::string(512, 'y'),
                              std::string(513, '\0'), std::string(kBundledFileBytesMax, 'z')});
  const auto read = read_bundle(bytes(bundle.archive), bundle.sizes);
  ASSERT_TRUE(read) << read.error().message();
  ASSERT_EQ(read->size(), bundle.contents.size());
  for (std::size_t i = 0; i < read->size(); ++i) {
    const std::string text(reinterpret_cast<const char*>((*read)[i].data()), (*read)[i].size());
    EXPECT_EQ(text, bundle.contents[i]);
  }
}

// Dropping a writer still writes padding and the end of the archive; a sanitizer sees where.
TEST(Bundle, AnUnfinishedOneIsDropped) {
  const std::vector<std::byte> content(kBundledFileBytesMax - 1);
  BundleWriter writer;
  ASSERT_TRUE(writer.add(content));
}

TEST(Bundle, AFullOneIsRead) {
  const Bundle bundle = make(std::vector<std::string>(kBundleMembersMax, "four"));
  EXPECT_TRUE(read_bundle(bytes(bundle.archive), bundle.sizes));
}

TEST(Bundle, RefusesWhatIsNotInItsIndex) {
  Bundle bundle = make({"one", "three"});
  const auto read = [&] { return read_bundle(bytes(bundle.archive), bundle.sizes); };
  bundle.sizes = {3};
  ASSERT_FALSE(read());
  EXPECT_EQ(read().error().kind, base::ErrorKind::kProtocol);
  bundle.sizes = {3, 5, 0};
  EXPECT_FALSE(read());
  bundle.sizes = {3, 4};
  EXPECT_FALSE(read());
  bundle.sizes = {3, 5};
  EXPECT_TRUE(read());
}

TEST(Bundle, RefusesEveryCut) {
  const Bundle bundle = make({"one", "three"});
  // The last two blocks only say that nothing follows.
  const std::size_t content_ends = bundle.archive.size() - 1024;
  for (std::size_t size = 0; size < content_ends; ++size) {
    const std::string cut = bundle.archive.substr(0, size);
    EXPECT_FALSE(read_bundle(bytes(cut), bundle.sizes)) << size;
  }
}

}  // namespace
}  // namespace robosync::transfer
