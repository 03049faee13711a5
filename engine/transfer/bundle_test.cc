#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>

#include "engine/transfer/bundle.h"

namespace robosync::transfer {
namespace {

using base::Result;

std::span<const std::byte> bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

struct Bundle {
  std::vector<std::string> contents;
  std::vector<std::uint64_t> sizes;
  std::string archive;
};

Result<void> add(BundleWriter& writer, std::string_view content) {
  std::ranges::copy(std::as_bytes(std::span(content)), writer.room(content.size()).begin());
  return writer.add();
}

// `expected` is what the writer is told.
Bundle make(std::vector<std::string> contents, std::uint64_t expected = 0) {
  Bundle bundle{.contents = std::move(contents)};
  BundleWriter writer(expected);
  for (const std::string& content : bundle.contents) {
    EXPECT_TRUE(add(writer, content));
    bundle.sizes.push_back(content.size());
  }
  EXPECT_EQ(writer.members(), bundle.contents.size());
  auto archive = writer.finish();
  EXPECT_TRUE(archive);
  bundle.archive = *archive;
  return bundle;
}

TEST(Bundle, WhatGoesInComesOut) {
  const std::vector<std::string> contents = {"",
                                             "a",
                                             std::string(511, 'x'),
                                             std::string(512, 'y'),
                                             std::string(513, '\0'),
                                             std::string(kBundledFileBytesMax, 'z')};
  std::uint64_t all = 0;
  for (const std::string& content : contents) all += bundled_bytes(content.size());
  for (const std::uint64_t expected : {std::uint64_t{0}, all}) {
    const Bundle bundle = make(contents, expected);
    EXPECT_EQ(bundle.archive.size(), all + 1024);
    const auto read = read_bundle(bytes(bundle.archive), bundle.sizes);
    ASSERT_TRUE(read) << read.error().message();
    ASSERT_EQ(read->size(), bundle.contents.size());
    for (std::size_t i = 0; i < read->size(); ++i) {
      const std::string text(reinterpret_cast<const char*>((*read)[i].data()), (*read)[i].size());
      EXPECT_EQ(text, bundle.contents[i]);
    }
  }
}

// A file that is read again may have another size by then.
TEST(Bundle, RoomIsGivenAnew) {
  BundleWriter writer(0);
  std::ranges::fill(writer.room(4000), std::byte{'x'});
  ASSERT_TRUE(add(writer, "one"));
  ASSERT_TRUE(add(writer, std::string(2000, 'y')));
  const auto archive = writer.finish();
  ASSERT_TRUE(archive);
  const auto read = read_bundle(bytes(*archive), {3, 2000});
  ASSERT_TRUE(read);
  EXPECT_EQ(read->front()[2], std::byte{'e'});
  EXPECT_EQ(read->back()[1999], std::byte{'y'});
}

// Other programs may look into it.
TEST(Bundle, IsATarArchive) {
  const Bundle bundle = make({"one", std::string(600, 'x')});
  const std::unique_ptr<archive, decltype(&archive_read_free)> reader(archive_read_new(),
                                                                      &archive_read_free);
  archive* a = reader.get();
  archive_entry* entry = nullptr;
  ASSERT_EQ(archive_read_support_format_tar(a), ARCHIVE_OK);
  ASSERT_EQ(archive_read_open_memory(a, bundle.archive.data(), bundle.archive.size()), ARCHIVE_OK);
  for (const std::string& content : bundle.contents) {
    ASSERT_EQ(archive_read_next_header(a, &entry), ARCHIVE_OK);
    std::string text(1024, ' ');
    text.resize(static_cast<std::size_t>(archive_read_data(a, text.data(), text.size())));
    EXPECT_EQ(text, content);
  }
  EXPECT_EQ(archive_read_next_header(a, &entry), ARCHIVE_EOF);
}

// Dropping a writer still writes padding and the end of the archive; a sanitizer sees where.
TEST(Bundle, AnUnfinishedOneIsDropped) {
  BundleWriter writer(0);
  ASSERT_TRUE(add(writer, std::string(kBundledFileBytesMax - 1, 'x')));
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
  bundle.sizes = {3, UINT64_MAX};
  EXPECT_FALSE(read());
  bundle.sizes = {3, UINT64_MAX - 511};
  EXPECT_FALSE(read());
  bundle.sizes = {3, 5};
  EXPECT_TRUE(read());
}

// No byte of a header may be another one but those that nobody looks at: the sum covers them all.
TEST(Bundle, RefusesEveryChangedHeader) {
  const Bundle bundle = make({"one"});
  for (std::size_t at = 0; at < 512; ++at) {
    std::string changed = bundle.archive;
    changed[at] = static_cast<char>(changed[at] + 1);
    EXPECT_FALSE(read_bundle(bytes(changed), bundle.sizes)) << at;
  }
}

// With a sum that is right: a link, another name, a name that is continued elsewhere, an old
// format.
TEST(Bundle, RefusesOtherMembers) {
  const Bundle bundle = make({"one"});
  const auto read_with = [&](std::size_t at, char value) {
    std::string changed = bundle.archive;
    unsigned sum = 0;
    changed[at] = value;
    for (std::size_t i = 0; i < 512; ++i) {
      const bool is_sum = i >= 148 && i < 156;
      sum += static_cast<unsigned char>(is_sum ? ' ' : changed[i]);
    }
    (void)std::snprintf(changed.data() + 148, 8, "%06o", sum);
    changed[155] = ' ';
    return read_bundle(bytes(changed), bundle.sizes);
  };
  EXPECT_TRUE(read_with(0, '0'));
  EXPECT_FALSE(read_with(0, '1'));
  EXPECT_FALSE(read_with(1, '0'));
  EXPECT_FALSE(read_with(99, 'x'));
  EXPECT_FALSE(read_with(156, '2'));
  EXPECT_FALSE(read_with(156, 'x'));
  EXPECT_FALSE(read_with(257, 'U'));
  EXPECT_FALSE(read_with(345, 'x'));
  EXPECT_FALSE(read_with(134, '8'));
  EXPECT_FALSE(read_with(124, '\x80'));
}

TEST(Bundle, RefusesEveryCut) {
  const Bundle bundle = make({"one", "three"});
  for (std::size_t size = 0; size < bundle.archive.size(); ++size) {
    const std::string cut = bundle.archive.substr(0, size);
    EXPECT_FALSE(read_bundle(bytes(cut), bundle.sizes)) << size;
  }
  EXPECT_FALSE(read_bundle(bytes(bundle.archive + std::string(512, '\0')), bundle.sizes));
}

}  // namespace
}  // namespace robosync::transfer
