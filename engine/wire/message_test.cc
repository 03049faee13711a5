#include "engine/wire/message.h"

#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "engine/wire/manifest.h"

namespace robosync::wire {
namespace {

using namespace std::string_view_literals;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

template <typename T>
bool decodes(std::string_view bytes) {
  return decode<T>(bytes_of(bytes)).has_value();
}

tree::Entry file(std::string name) {
  tree::Entry entry;
  entry.name = std::move(name);
  entry.metadata.kind = tree::Kind::kRegular;
  entry.metadata.mode = 0644;
  entry.metadata.size = entry.metadata.allocated_bytes = 5;
  entry.metadata.mtime = {.seconds = 1, .nanoseconds = 2};
  return entry;
}

DirectoryPart full_part() {
  DirectoryPart part;
  part.id = 3;
  part.first = part.last = true;
  part.parent = 1;
  part.index = 200;
  part.entries = {file("a"), file("ab")};
  part.attributes = {{{"user.x", "1"}}, {}};
  part.problems = {{"gone", {base::ErrorKind::kNotFound, "no"}}};
  part.protected_names = {"kept"};
  part.omissions = {{"s", tree::Kind::kSocket, "no sockets"}};
  part.merge_files = {{".filter", "- *.o\n"}};
  part.own_attributes = {{"user.y", "2"}};
  return part;
}

Roots full_roots() {
  Roots roots;
  roots.contents = file("").metadata;
  roots.single = Roots::Single{.name = "one", .is_directory = true, .is_empty = false};
  roots.lists_everything = true;
  roots.problems = {{"missing/x", {base::ErrorKind::kNotFound, "no"}}};
  return roots;
}

base::Digest digest() {
  base::Digest digest;
  digest.size = 2;
  digest.bytes[0] = std::byte{0xaa};
  digest.bytes[1] = std::byte{0xbb};
  return digest;
}

struct Sample {
  const char* name;
  std::string bytes;
  std::function<bool(std::string_view)> decodes;
};

template <typename T>
Sample sample(const char* name, const T& message) {
  return {name, encode(message), decodes<T>};
}

std::vector<Sample> samples() {
  return {
      sample("Hello", Hello{1, 0, "r", {"zstd"}, {"x"}}),
      sample("Fault", Fault{base::ErrorKind::kNotFound, "no"}),
      sample("Roots", full_roots()),
      sample("DirectoryPart", full_part()),
      sample("NeedBatch", NeedBatch{{{1, 300}, Want::kDelta, 9}}),
      sample("FileBegin", FileBegin{{1, 2}, true, file("").metadata}),
      sample("FileEnd", FileEnd{Fault{base::ErrorKind::kIo, "x"}, digest()}),
      sample("DigestBatch", DigestBatch{{{1, 2}, digest()}}),
      sample("EntryFault", EntryFault{{1, 2}, {base::ErrorKind::kIo, "x"}}),
      sample("Credit", Credit{1, 2, 3, 300}),
      sample("Remove", Remove{{1, 2}, false, 5, digest()}),
      sample("Removed", Removed{{1, 2}, Fault{base::ErrorKind::kIo, "x"}}),
      sample("DirectoryIds", DirectoryIds{1, 300}),
  };
}

TEST(MessageTest, GoldenBytes) {
  EXPECT_EQ(encode(Hello{1, 0, "r", {"zstd"}, {}}), "\x01\x00\x01r\x01\x04zstd\x00"sv);
  EXPECT_EQ(encode(NeedBatch{{{1, 300}, Want::kDelta, 9}}), "\x01\x01\xac\x02\x02\x09"sv);
  EXPECT_EQ(encode(Credit{1, 2, 3, 300}), "\x01\x02\x03\xac\x02"sv);
  EXPECT_EQ(encode(DigestBatch{{{1, 2}, digest()}}), "\x01\x01\x02\x02\xaa\xbb"sv);
  EXPECT_EQ(encode(Remove{{1, 2}, false, 5, digest()}), "\x01\x02\x00\x05\x02\xaa\xbb"sv);
  EXPECT_EQ(encode(Removed{{1, 2}, std::nullopt}), "\x01\x02\x00"sv);
  EXPECT_EQ(encode(DirectoryIds{1, 300}), "\x02\x01\xac\x02"sv);
}

TEST(MessageTest, EveryMessageComesBackAndNoTruncationDoes) {
  for (const Sample& one : samples()) {
    EXPECT_TRUE(one.decodes(one.bytes)) << one.name;
    for (std::size_t cut = 0; cut < one.bytes.size(); ++cut) {
      EXPECT_FALSE(one.decodes(one.bytes.substr(0, cut))) << one.name << " cut at " << cut;
    }
    EXPECT_FALSE(one.decodes(one.bytes + '\0')) << one.name;
  }
}

// What decodes at all was decoded into valid values; the sanitizers watch the rest.
TEST(MessageTest, MutationsNeitherCrashNorYieldInvalidNames) {
  std::mt19937 random(9031);  // NOLINT(cert-msc51-cpp): the same mutations each time
  for (const Sample& one : samples()) {
    for (int run = 0; run < 3000; ++run) {
      std::string bytes = one.bytes;
      for (unsigned i = 0; i <= random() % 3; ++i) {
        bytes[random() % bytes.size()] = static_cast<char>(random());
      }
      (void)one.decodes(bytes);
      const auto part = decode<DirectoryPart>(bytes_of(bytes));
      if (!part) continue;
      for (const tree::Entry& entry : part->entries) {
        EXPECT_TRUE(tree::validate_component(entry.name));
      }
    }
  }
}

TEST(MessageTest, HostileNamesAreRefusedWhereverThereAreNames) {
  for (const std::string_view name :
       {""sv, "."sv, ".."sv, "/"sv, "a/b"sv, "../x"sv, "/etc"sv, "a\0b"sv, "\0"sv}) {
    const std::string text(name);
    DirectoryPart part;
    part.entries = {file(text)};
    EXPECT_FALSE(decodes<DirectoryPart>(encode(part))) << name;
    part.entries.clear();
    part.protected_names = {text};
    EXPECT_FALSE(decodes<DirectoryPart>(encode(part))) << name;
    part.protected_names.clear();
    part.omissions = {{text, tree::Kind::kSocket, ""}};
    EXPECT_FALSE(decodes<DirectoryPart>(encode(part))) << name;
    Roots roots;
    roots.single = Roots::Single{.name = text};
    EXPECT_FALSE(decodes<Roots>(encode(roots))) << name;
  }
}

TEST(MessageTest, OddButLegalNamesComeBack) {
  for (const std::string& name :
       {std::string("a\\b"), std::string("a:b"), std::string("a..b"), std::string("..."),
        std::string("-rf"), std::string(" "), std::string("\n"), std::string("\xff\xfe"),
        std::string("CON"), std::string("*"), std::string(tree::kComponentBytesMax, 'n')}) {
    DirectoryPart part;
    part.entries = {file(name)};
    part.protected_names = {name};
    const auto back = decode<DirectoryPart>(bytes_of(encode(part)));
    ASSERT_TRUE(back) << name;
    EXPECT_EQ(back->entries.front().name, name);
    EXPECT_EQ(back->protected_names.front(), name);
  }
}

TEST(MessageTest, NamesOutOfOrderOrTwiceAreRefused) {
  DirectoryPart part;
  part.entries = {file("b"), file("a")};
  EXPECT_FALSE(decodes<DirectoryPart>(encode(part)));
  part.entries = {file("a"), file("a")};
  EXPECT_FALSE(decodes<DirectoryPart>(encode(part)));
}

TEST(MessageTest, BatchesAtTheirLimitAndOnePast) {
  DirectoryIds ids(kBatchMax, 1);
  EXPECT_TRUE(decodes<DirectoryIds>(encode(ids)));
  ids.push_back(1);
  EXPECT_FALSE(decodes<DirectoryIds>(encode(ids)));

  NeedBatch needs(kBatchMax);
  EXPECT_TRUE(decodes<NeedBatch>(encode(needs)));
  needs.emplace_back();
  EXPECT_FALSE(decodes<NeedBatch>(encode(needs)));

  Hello hello;
  hello.offers.assign(kCapabilitiesMax, "x");
  EXPECT_TRUE(decodes<Hello>(encode(hello)));
  hello.offers.emplace_back("x");
  EXPECT_FALSE(decodes<Hello>(encode(hello)));
}

TEST(MessageTest, MetadataOutOfRangeIsRefused) {
  const auto taken = [](auto change) {
    FileBegin begin{.entry = {1, 2}, .is_delta = false, .metadata = file("").metadata};
    change(begin.metadata);
    return decodes<FileBegin>(encode(begin));
  };
  EXPECT_TRUE(taken([](tree::Metadata& m) { m.mode = 07777; }));
  EXPECT_FALSE(taken([](tree::Metadata& m) { m.mode = 010000; }));
  EXPECT_TRUE(taken([](tree::Metadata& m) { m.size = kFileBytesMax; }));
  EXPECT_FALSE(taken([](tree::Metadata& m) { m.size = kFileBytesMax + 1; }));
  EXPECT_TRUE(taken([](tree::Metadata& m) { m.mtime.nanoseconds = 999'999'999; }));
  EXPECT_FALSE(taken([](tree::Metadata& m) { m.mtime.nanoseconds = 1'000'000'000; }));
}

TEST(MessageTest, BundlesWithTruncatedListsAreRefused) {
  const std::string good = encode_bundle({{{1, 2}, 3, digest(), std::nullopt}}, "abc");
  const auto view = decode_bundle(bytes_of(good));
  ASSERT_TRUE(view);
  EXPECT_EQ(view->archive.size(), 3U);
  for (std::size_t cut = 0; cut + 3 < good.size(); ++cut) {
    EXPECT_FALSE(decode_bundle(bytes_of(good.substr(0, cut)))) << cut;
  }
}

}  // namespace
}  // namespace robosync::wire
