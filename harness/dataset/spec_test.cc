#include "harness/dataset/spec.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "harness/dataset/dataset.h"

namespace robosync::parity {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;

constexpr std::string_view kGroup =
    R"({"path": "a", "files": 3, "size": {"shape": "fixed", "bytes": 5}})";

// A spec with one group and, before it, further keys.
std::string with(std::string_view keys, std::string_view groups = kGroup) {
  return fmt::format(R"({{"name": "n", "description": "d", "seed": 7, {} "groups": [{}]}})", keys,
                     groups);
}

std::string fault_of(std::string_view json) {
  const auto spec = parse_spec(json, "n.json");
  if (spec) return "no fault";
  EXPECT_EQ(spec.error().kind, base::ErrorKind::kInvalid);
  return spec.error().context;
}

TEST(ParseSpec, ReadsEveryKey) {
  const auto spec = parse_spec(
      with(R"("symlinks": {"to_file": 1, "to_directory": 2, "dangling": 3, "absolute": 4,
                           "escaping": 5, "loops": 6},
              "sparse_files": {"count": 1, "bytes": 8000, "extents": 2, "extent_bytes": 2000},
              "empty_directories": 8, "hard_links": 9,
              "mutation": {"changed": {"percent": 1.5}, "touched": {"count": 2},
                           "in_place_edits": {"files": 1, "edits": 2, "bytes": 3}},
              "digests": {"posix": "0123456789abcdef0123456789abcdef"},)",
           R"({"path": "a/b", "files": 3, "files_per_directory": 2, "fan_out": 4, "depth": 5,
               "compressible_percent": 6, "names": "unicode", "scales": "sizes", "mode": "0751",
               "size": {"shape": "log_normal", "median_bytes": 10, "octaves": 1.25,
                        "bytes_min": 1, "bytes_max": 100}})"),
      "n.json");
  ASSERT_TRUE(spec) << spec.error().message();
  EXPECT_EQ(spec->seed, 7U);
  const FileGroup& group = spec->groups.at(0);
  EXPECT_EQ(group.path, "a/b");
  EXPECT_EQ(group.files_per_directory, 2U);
  EXPECT_EQ(group.fan_out, 4U);
  EXPECT_EQ(group.depth, 5U);
  EXPECT_EQ(group.compressible_percent, 6U);
  EXPECT_EQ(group.names, NameStyle::kUnicode);
  EXPECT_EQ(group.scaling, Scaling::kSizes);
  EXPECT_EQ(group.mode, 0751U);
  EXPECT_EQ(group.size.shape, SizeShape::kLogNormal);
  EXPECT_EQ(group.size.octaves_hundredths, 125U);
  EXPECT_EQ(spec->symlinks.loops, 6U);
  EXPECT_EQ(spec->sparse_files.extent_bytes, 2000U);
  EXPECT_EQ(spec->empty_directories, 8U);
  EXPECT_EQ(spec->hard_links, 9U);
  EXPECT_EQ(spec->mutation.changed.per_million, 15'000U);
  EXPECT_EQ(spec->mutation.touched.count, 2U);
  EXPECT_EQ(spec->mutation.in_place_edits.bytes, 3U);
  EXPECT_EQ(spec->digests.at("posix"), "0123456789abcdef0123456789abcdef");
}

TEST(ParseSpec, NamesFileAndKeyOfWhatItDoesNotKnow) {
  EXPECT_THAT(fault_of(with(R"("sed": 1,)")),
              AllOf(HasSubstr("n.json: sed: is unknown"), HasSubstr("allowed are name"),
                    HasSubstr("hard_links")));
  EXPECT_THAT(fault_of(with("", R"({"path": "a", "files": 3, "size": {"shape": "fixed",
                                    "bytes": 5, "bites": 6}})")),
              HasSubstr("groups[0].size.bites: is unknown; allowed are shape, bytes"));
  EXPECT_THAT(fault_of(with(R"("mutation": {"changed": {"percents": 3}},)")),
              HasSubstr("mutation.changed.perc"));
}

TEST(ParseSpec, SaysWhatIsAllowed) {
  EXPECT_THAT(fault_of(with("", R"({"path": "a", "files": 3, "names": "strange",
                                    "size": {"shape": "fixed", "bytes": 5}})")),
              HasSubstr("groups[0].names: must be one of plain, unicode, odd_bytes"));
  EXPECT_THAT(fault_of(with("", R"({"path": "a", "files": 0,
                                    "size": {"shape": "fixed", "bytes": 5}})")),
              HasSubstr("groups[0].files: must be a whole number from 1 to 100000000, is 0"));
  EXPECT_THAT(fault_of(with("", R"({"path": "a", "files": -1,
                                    "size": {"shape": "fixed", "bytes": 5}})")),
              HasSubstr("is -1"));
  EXPECT_THAT(fault_of(with("", R"({"path": "a", "files": 1, "mode": "999",
                                    "size": {"shape": "fixed", "bytes": 5}})")),
              HasSubstr("groups[0].mode"));
  EXPECT_THAT(fault_of(with("", R"({"path": "a", "files": 1, "compressible_percent": 101,
                                    "size": {"shape": "fixed", "bytes": 5}})")),
              HasSubstr("from 0 to 100, is 101"));
  EXPECT_THAT(fault_of(R"({"name": 3})"), HasSubstr("name: must be a text"));
  EXPECT_THAT(fault_of(R"({"name": "n"})"), HasSubstr("description: is missing"));
  EXPECT_THAT(fault_of("[]"), HasSubstr("must be an object"));
  EXPECT_THAT(fault_of("{"), HasSubstr("n.json"));
}

TEST(ParseSpec, RefusesPathsThatLeaveTheTreeOrCollide) {
  for (const char* path : {"..", "a/../b", "/a", "a//b", "a/", "./a", "symlinks", "sparse/x"})
    EXPECT_THAT(fault_of(with("", fmt::format(R"({{"path": "{}", "files": 1,
                                                   "size": {{"shape": "fixed", "bytes": 5}}}})",
                                              path))),
                HasSubstr("groups[0].path"))
        << path;
  EXPECT_THAT(fault_of(with("", fmt::format("{}, {}", kGroup, kGroup))),
              HasSubstr("groups[1].path: is also that of groups[0]"));
  EXPECT_THAT(fault_of(with("", "")), HasSubstr("groups: must have at least one"));
}

TEST(ParseSpec, RefusesWhatCannotBeMeant) {
  EXPECT_THAT(fault_of(with(R"("mutation": {"changed": {"percent": 60},
                                            "deleted": {"percent": 41}},)")),
              HasSubstr("more than 100 percent"));
  EXPECT_EQ(fault_of(with(R"("mutation": {"changed": {"percent": 60},
                                          "deleted": {"percent": 40}},)")),
            "no fault");
  EXPECT_THAT(fault_of(with(R"("mutation": {"changed": {"percent": 1, "count": 1}},)")),
              HasSubstr("either percent or count"));
  EXPECT_THAT(fault_of(with(R"("digests": {"posix": "12"},)")), HasSubstr("digests.posix"));
  EXPECT_THAT(fault_of(with(R"("digests": {"amiga": "12"},)")),
              HasSubstr("digests.amiga: is unknown; allowed are posix, macos, windows"));
  EXPECT_THAT(fault_of(with(R"("sparse_files": {"count": 1, "bytes": 100, "extents": 2,
                                                "extent_bytes": 26},)")),
              HasSubstr("sparse_files.extent_bytes: leaves no holes"));
}

TEST(Amount, IsAtLeastOneAndAtMostAll) {
  EXPECT_EQ((Amount{.per_million = 10'000}.of(1000)), 10U);
  EXPECT_EQ((Amount{.per_million = 1}.of(1000)), 1U);
  EXPECT_EQ((Amount{.per_million = 1}.of(0)), 0U);
  EXPECT_EQ((Amount{.count = 5}.of(3)), 3U);
  EXPECT_EQ((Amount{.per_million = 1'000'000}.of(100'000'000)), 100'000'000U);
  EXPECT_EQ((Amount{}.of(10)), 0U);
}

TEST(Specs, EachParsesAndHasADigestForEveryProfile) {
  const std::vector<std::string> names = dataset_names();
  for (const char* name :
       {"small-10k", "small-100k", "small-1m", "source-tree", "large-1", "large-8", "mixed", "deep",
        "wide", "names", "links", "vm-image", "photos", "tiny"})
    EXPECT_THAT(names, Contains(name));
  for (const std::string& name : names) {
    const auto spec = find_dataset(name);
    ASSERT_TRUE(spec) << spec.error().message();
    EXPECT_FALSE(spec->description.empty()) << name;
    for (const Profile profile : {Profile::kPosix, Profile::kMacos, Profile::kWindows})
      EXPECT_TRUE(spec->digests.contains(std::string(to_string(profile))))
          << name << " " << to_string(profile);
  }
}

TEST(Specs, AreListedWithTheirSizes) {
  const auto list = list_datasets();
  ASSERT_TRUE(list) << list.error().message();
  ASSERT_EQ(list->size(), dataset_names().size());
  for (const DatasetSummary& summary : *list) {
    EXPECT_GT(summary.files, 0U) << summary.name;
    if (summary.name == "small-100k") EXPECT_EQ(summary.bytes, 100'000U * 4096);
    if (summary.name == "large-1") EXPECT_EQ(summary.bytes, std::uint64_t{4} << 30U);
  }
}

TEST(Specs, AnUnknownNameIsAnsweredWithThoseThereAre) {
  const auto none = find_dataset("small-11k");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, base::ErrorKind::kUsage);
  EXPECT_THAT(none.error().message(), AllOf(HasSubstr("small-11k"), HasSubstr("small-10k")));
}

}  // namespace
}  // namespace robosync::parity
