#include "engine/wire/message_samples_testing.h"

#include <utility>

namespace robosync::wire::message_samples {

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

}  // namespace robosync::wire::message_samples
