#include "harness/tree/tree_image.h"

#include <gmock/gmock.h>

namespace robosync::parity {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Node file(std::uint64_t size, std::int64_t mtime_s = 12, std::uint32_t mtime_ns = 0) {
  Node node;
  node.mode = 0644;
  node.size = size;
  node.mtime_s = mtime_s;
  node.mtime_ns = mtime_ns;
  return node;
}

Node directory() {
  Node node;
  node.kind = NodeKind::kDirectory;
  node.mode = 0755;
  return node;
}

Node symlink(std::string target) {
  Node node;
  node.kind = NodeKind::kSymlink;
  node.link_target = std::move(target);
  return node;
}

TreeImage image(std::map<std::string, Node> nodes) {
  TreeImage made;
  made.nodes = std::move(nodes);
  return made;
}

// The lines for one changed node.
std::vector<std::string> differences_of(const Node& expected, const Node& actual,
                                        const Aspects& aspects = {}) {
  return differences(image({{"a/b", expected}}), image({{"a/b", actual}}), aspects);
}

TEST(Differences, EqualTreesHaveNone) {
  const TreeImage tree = image({{"", directory()}, {"f", file(3)}, {"l", symlink("f")}});
  EXPECT_THAT(differences(tree, tree, {}), IsEmpty());
}

TEST(Differences, NameWhatIsMissingAndWhatIsUnexpected) {
  EXPECT_THAT(differences(image({{"a", file(1)}, {"b", directory()}}),
                          image({{"b", directory()}, {"c", symlink("a")}}), {}),
              ElementsAre("missing: a (file)", "unexpected: c (symbolic link)"));
}

TEST(Differences, AKindHidesTheRest) {
  EXPECT_THAT(differences_of(file(1), directory()),
              ElementsAre("kind of a/b: file expected, directory found"));
}

TEST(Differences, SizeBeforeContent) {
  EXPECT_THAT(differences_of(file(1), file(2)), ElementsAre("size of a/b: 1 expected, 2 found"));
  Node other = file(1);
  other.content.size = 1;
  other.content.bytes[0] = std::byte{0xab};
  EXPECT_THAT(differences_of(file(1), other), ElementsAre("content of a/b:  expected, ab found"));
}

TEST(Differences, ModesCountWhereAskedForAndNeverOnLinks) {
  Node other = file(1);
  other.mode = 04755;
  EXPECT_THAT(differences_of(file(1), other),
              ElementsAre("mode of a/b: 0644 expected, 4755 found"));
  EXPECT_THAT(differences_of(file(1), other, {.modes = false}), IsEmpty());
  Node link = symlink("x");
  link.mode = 0777;
  EXPECT_THAT(differences_of(symlink("x"), link), IsEmpty());
}

TEST(Differences, TimesAreShownInSecondsAlsoBefore1970) {
  EXPECT_THAT(differences_of(file(1, 12, 500'000'000), file(1, -1, 500'000'000)),
              ElementsAre("mtime of a/b: 12.500000000 expected, -0.500000000 found"));
}

TEST(Differences, ATimeWindowHoldsAtItsEdgeAndNotOnePastIt) {
  const Aspects fat{.time_window_ns = 2'000'000'000};
  EXPECT_THAT(differences_of(file(1, 10, 5), file(1, 12, 5), fat), IsEmpty());
  EXPECT_THAT(differences_of(file(1, 12, 5), file(1, 10, 5), fat), IsEmpty());
  EXPECT_THAT(differences_of(file(1, 10, 5), file(1, 12, 6), fat), testing::SizeIs(1));
  EXPECT_THAT(differences_of(file(1, 12, 6), file(1, 10, 5), fat), testing::SizeIs(1));
  EXPECT_THAT(differences_of(file(1, INT64_MIN), file(1, INT64_MAX), fat), testing::SizeIs(1));
}

TEST(Differences, EachKindOfTimeHasItsAspect) {
  Node later_directory = directory();
  later_directory.mtime_s = 5;
  EXPECT_THAT(differences_of(directory(), later_directory), testing::SizeIs(1));
  EXPECT_THAT(differences_of(directory(), later_directory, {.directory_times = false}), IsEmpty());
  Node later_link = symlink("x");
  later_link.mtime_s = 5;
  EXPECT_THAT(differences_of(symlink("x"), later_link), testing::SizeIs(1));
  EXPECT_THAT(differences_of(symlink("x"), later_link, {.symlink_times = false}), IsEmpty());
  EXPECT_THAT(differences_of(file(1, 1), file(1, 2), {.file_times = false}), IsEmpty());
}

TEST(Differences, TargetsAndLinkGroups) {
  EXPECT_THAT(differences_of(symlink("x"), symlink("y")),
              ElementsAre("target of a/b: x expected, y found"));
  Node linked = file(1);
  linked.link_group = "a/a";
  EXPECT_THAT(differences_of(linked, file(1)), IsEmpty());
  EXPECT_THAT(differences_of(linked, file(1), {.hard_links = true}),
              ElementsAre("first name of a/b: a/a expected, no other name found"));
}

TEST(Differences, OwnersWhereAskedFor) {
  Node other = file(1);
  other.owner = 7;
  EXPECT_THAT(differences_of(file(1), other), IsEmpty());
  EXPECT_THAT(differences_of(file(1), other, {.owners = true}),
              ElementsAre("owner of a/b: 0:0 expected, 7:0 found"));
}

TEST(Differences, AreCutAtTheLimitAndCounted) {
  const TreeImage three = image({{"a", file(1)}, {"b", file(1)}, {"c", file(1)}});
  EXPECT_THAT(differences(three, {}, {}, 2),
              ElementsAre("missing: a (file)", "missing: b (file)", "and 1 more"));
  EXPECT_THAT(differences(three, {}, {}, 3), testing::SizeIs(3));
}

TEST(Differences, ShowBytesThatAreNoText) {
  EXPECT_THAT(differences(image({{"a\xff\n", file(1)}}), {}, {}),
              ElementsAre(HasSubstr("a\\xff\\x0a")));
}

TEST(TreeDigest, ChangesWithEverythingThatCounts) {
  const TreeImage base = image({{"a", file(1, 2, 3)}, {"l", symlink("a")}});
  const std::string digest = tree_digest(base, {});
  EXPECT_EQ(digest.size(), 32U);
  EXPECT_EQ(digest, tree_digest(base, {.owners = true}));
  const auto with = [&](auto change, const Aspects& aspects = {}) {
    TreeImage changed = base;
    change(changed.nodes);
    return tree_digest(changed, aspects);
  };
  EXPECT_NE(digest, with([](auto& nodes) { nodes["b"] = file(1); }));
  EXPECT_NE(digest, with([](auto& nodes) { nodes["a"].size = 2; }));
  EXPECT_NE(digest, with([](auto& nodes) { nodes["a"].mode = 0600; }));
  EXPECT_NE(digest, with([](auto& nodes) { nodes["a"].mtime_s = 3; }));
  EXPECT_NE(digest, with([](auto& nodes) { nodes["a"].mtime_ns = 4; }));
  EXPECT_NE(digest, with([](auto& nodes) { nodes["a"].content.size = 1; }));
  EXPECT_NE(digest, with([](auto& nodes) { nodes["l"].link_target = "b"; }));
  EXPECT_NE(digest, with([](auto& nodes) { nodes["l"].mtime_s = 1; }));
  EXPECT_EQ(digest, with([](auto& nodes) { nodes["a"].owner = 1; }));
  EXPECT_EQ(digest, with([](auto& nodes) { nodes["a"].allocated_bytes = 1; }));
  EXPECT_EQ(digest, with([](auto& nodes) { nodes["l"].mode = 0700; }));
}

TEST(TreeDigest, LeavesOutWhatIsNotAskedFor) {
  TreeImage a = image({{"a", file(1)}});
  TreeImage b = a;
  b.nodes["a"].mode = 0600;
  b.nodes["a"].mtime_s = 99;
  b.nodes["a"].link_group = "x";
  const Aspects nothing{.modes = false, .file_times = false};
  EXPECT_EQ(tree_digest(a, nothing), tree_digest(b, nothing));
  Aspects links = nothing;
  links.hard_links = true;
  EXPECT_NE(tree_digest(a, links), tree_digest(b, links));
}

TEST(TreeDigest, NeighbouringValuesDoNotRunTogether) {
  EXPECT_NE(tree_digest(image({{"ab", symlink("c")}}), {}),
            tree_digest(image({{"a", symlink("bc")}}), {}));
}

}  // namespace
}  // namespace robosync::parity
