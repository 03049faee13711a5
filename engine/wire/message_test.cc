#include "engine/wire/message.h"

#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "engine/wire/archive.h"
#include "engine/wire/manifest.h"
#include "engine/wire/message_samples_testing.h"

namespace robosync::wire {
namespace {

using message_samples::digest;
using message_samples::file;
using message_samples::full_part;
using message_samples::full_roots;

using namespace std::string_literals;
using namespace std::string_view_literals;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

template <typename T>
bool decodes(std::string_view bytes) {
  return decode<T>(bytes_of(bytes)).has_value();
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
      sample("Owners", Owners{{{1000, "ann"}}, {{1000, "ann"}, {50, "staff"}}}),
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

// `bytes` with one more x in the text of `size` of them: no encoder of ours would write it.
std::string with_one_more(std::string bytes, std::size_t size) {
  const auto text_of = [](std::size_t count) {
    Encoder encoder;
    encoder.text(std::string(count, 'x'), count);
    return encoder.take();
  };
  const std::string text = text_of(size);
  const std::size_t at = bytes.find(text);
  EXPECT_NE(at, std::string::npos);
  return bytes.replace(at, text.size(), text_of(size + 1));
}

TEST(MessageTest, TextsAtTheirLimitAndOnePast) {
  const auto x = [](std::size_t size) { return std::string(size, 'x'); };
  const auto expect = [&]<typename T>(const char* what, std::size_t limit, const T& message) {
    const std::string bytes = encode(message);
    EXPECT_TRUE(decodes<T>(bytes)) << what;
    EXPECT_FALSE(decodes<T>(with_one_more(bytes, limit))) << what;
  };
  const auto expect_part = [&](const char* what, std::size_t limit, const auto& change) {
    DirectoryPart part = full_part();
    change(part, x(limit));
    expect(what, limit, part);
  };
  using Part = DirectoryPart;
  using Text = const std::string&;
  expect("software", kTextBytesMax, Hello{1, 0, x(kTextBytesMax), {}, {}});
  expect("an offer", kCapabilityBytesMax, Hello{1, 0, "", {x(kCapabilityBytesMax)}, {}});
  expect("what is required", kCapabilityBytesMax, Hello{1, 0, "", {}, {x(kCapabilityBytesMax)}});
  expect("a fault", kTextBytesMax, Fault{base::ErrorKind::kIo, x(kTextBytesMax)});
  expect("a user", kOwnerNameBytesMax, Owners{{{1, x(kOwnerNameBytesMax)}}, {}});
  Roots roots = full_roots();
  roots.problems.front().first = x(tree::kPathBytesMax);
  expect("a missing source", tree::kPathBytesMax, roots);
  expect_part("a name", tree::kComponentBytesMax,
              [](Part& p, Text text) { p.entries.back().name = text; });
  expect_part("a protected name", tree::kComponentBytesMax,
              [](Part& p, Text text) { p.protected_names.front() = text; });
  expect_part("why it was left out", kLinkTargetBytesMax + kTextBytesMax,
              [](Part& p, Text text) { p.omissions.front().reason = text; });
  expect_part("an attribute's name", tree::kComponentBytesMax,
              [](Part& p, Text text) { p.own_attributes.front().name = text; });
  expect_part("an attribute's value", kAttributeBytesMax,
              [](Part& p, Text text) { p.attributes.front().front().value = text; });
  expect_part("a merge file", kMergeFileBytesMax,
              [](Part& p, Text text) { p.merge_files.front().second = text; });
  expect_part("a link's target", kLinkTargetBytesMax, [](Part& p, Text text) {
    p.entries.back().metadata.kind = tree::Kind::kSymlink;
    p.entries.back().link_target = text;
  });
  base::Digest longest;
  longest.size = base::kDigestBytesMax;
  longest.bytes.fill(std::byte{'x'});
  expect("a digest", base::kDigestBytesMax, FileEnd{std::nullopt, longest});
}

TEST(MessageTest, ListsAtTheirLimitAndOnePast) {
  const auto both = [](const char* what, std::size_t limit, const auto& decodes_with) {
    EXPECT_TRUE(decodes_with(limit)) << what;
    EXPECT_FALSE(decodes_with(limit + 1)) << what;
  };
  both("users", kBatchMax, [](std::size_t count) {
    return decodes<Owners>(encode(Owners{std::vector<Owners::Named>(count), {}}));
  });
  both("digests", kBatchMax,
       [](std::size_t count) { return decodes<DigestBatch>(encode(DigestBatch(count))); });
  both("missing sources", kBatchMax, [](std::size_t count) {
    Roots roots;
    roots.problems.assign(count, {"x", {}});
    return decodes<Roots>(encode(roots));
  });
  both("attributes", kAttributesMax, [](std::size_t count) {
    DirectoryPart part = full_part();
    part.own_attributes.assign(count, {"n", "v"});
    return decodes<DirectoryPart>(encode(part));
  });
  both("protected names", kBatchMax, [](std::size_t count) {
    DirectoryPart part = full_part();
    part.protected_names.assign(count, "n");
    return decodes<DirectoryPart>(encode(part));
  });
  both("omissions", kBatchMax, [](std::size_t count) {
    DirectoryPart part = full_part();
    part.omissions.assign(count, {"n", tree::Kind::kSocket, ""});
    return decodes<DirectoryPart>(encode(part));
  });
  both("members of a bundle", kBatchMax, [](std::size_t count) {
    return decode_bundle(bytes_of(encode_bundle(std::vector<BundleMember>(count), ""))).has_value();
  });
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

TEST(MessageTest, LinksComeBackWithTheirKind) {
  DirectoryPart part;
  part.entries = {file("a"), file("b")};
  for (tree::Entry& entry : part.entries) {
    entry.metadata.kind = tree::Kind::kSymlink;
    entry.link_target = "C:/" + entry.name;
  }
  part.entries.front().link_kind = tree::LinkKind::kJunction;
  std::string bytes = encode(part);
  const auto back = decode<DirectoryPart>(bytes_of(bytes));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->entries.front().link_kind, tree::LinkKind::kJunction);
  EXPECT_EQ(back->entries.back().link_kind, tree::LinkKind::kUnknown);
  char& kind = bytes[bytes.find("C:/a") + 4];
  ASSERT_EQ(kind, '\x03');
  for (const auto& [value, taken] : {std::pair('\0', false), std::pair('\1', true),
                                     std::pair('\4', true), std::pair('\5', false)}) {
    kind = value;
    EXPECT_EQ(decodes<DirectoryPart>(bytes), taken) << static_cast<int>(value);
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

TEST(MessageTest, BundlesThatWereCutOrChangedAreRefused) {
  const std::vector<BundleMember> members = {{{1, 2}, 3, digest(), std::nullopt}};
  const std::string good = encode_bundle(members, "abc");
  const auto view = decode_bundle(bytes_of(good));
  ASSERT_TRUE(view);
  EXPECT_EQ(view->archive.size(), 3U);
  EXPECT_EQ(view->members, members);
  for (std::size_t cut = 0; cut < good.size(); ++cut) {
    EXPECT_FALSE(decode_bundle(bytes_of(good.substr(0, cut)))) << cut;
  }
  // The archive has digests of its own.
  for (std::size_t at = 3; at < good.size(); ++at) {
    std::string changed = good;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_FALSE(decode_bundle(bytes_of(changed))) << at;
  }
}

}  // namespace
}  // namespace robosync::wire
