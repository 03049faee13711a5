#include "cli/listing.h"

#include <gtest/gtest.h>

namespace robosync::cli {
namespace {

std::vector<tree::Entry> sample() {
  tree::Entry file;
  file.name = "a\nb";
  file.metadata.kind = tree::Kind::kRegular;
  file.metadata.mode = 0640;
  file.metadata.size = 12345;
  file.metadata.mtime = {951'782'400, 7};
  tree::Entry folder;
  folder.name = "dir";
  folder.metadata.kind = tree::Kind::kDirectory;
  folder.metadata.mode = 0755;
  folder.metadata.mtime = {-1, 0};
  tree::Entry link;
  link.name = "l\xff";
  link.link_target = "dir";
  link.metadata.kind = tree::Kind::kSymlink;
  link.metadata.mode = 0777;
  return {file, folder, link};
}

TEST(Listing, NamesAlone) {
  EXPECT_EQ(listing_text(sample(), ListingForm::kNames), "a\\#012b\ndir/\nl\\#377 -> dir\n");
}

TEST(Listing, Long) {
  EXPECT_EQ(listing_text(sample(), ListingForm::kLong),
            "-rw-r-----          12345 2000-02-29 00:00:00 a\\#012b\n"
            "drwxr-xr-x              0 1969-12-31 23:59:59 dir/\n"
            "lrwxrwxrwx              0 1970-01-01 00:00:00 l\\#377 -> dir\n");
}

TEST(Listing, Json) {
  const std::string text = listing_text(sample(), ListingForm::kJson);
  EXPECT_NE(text.find(R"({"message_type":"entry","path":"a\nb","kind":")"), text.npos) << text;
  EXPECT_NE(text.find(R"("path_base64":"bP8=")"), text.npos) << text;
}

}  // namespace
}  // namespace robosync::cli
