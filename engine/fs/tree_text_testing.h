// A directory tree as text, to build one from a few lines and to compare two of them.
//
// One entry per line, paths relative to the root, in any order (directories on the way are created
// with mode 0755 unless they have a line of their own):
//
//   docs/                       a directory
//   docs/a.txt = hello\n        a file with its content, up to the end of the line
//   empty                       an empty file
//   big size=1048576            a file of that size, all hole
//   docs/link -> a.txt          a symbolic link
//   docs/twin => docs/a.txt     a hard link to an entry of this text
//   pipe |                      a fifo;  "sock ~" is a socket
//   tty c=1281  disk b=2048     device nodes, with what they stand for
//
// Attributes stand between the name and the sign: `mode=644` (octal), `uid=1`, `gid=2`,
// `t=SECONDS.NANOSECONDS` (nine digits), `x:user.name=value`. Bytes that would be misread, spaces
// in names included, are written \xNN, \n, \t or \\. Empty lines and lines that begin with # are
// skipped. Works on any FileSystem; no thread of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/fs/fs.h"

namespace robosync::fs {

// What dump_tree() shows besides kinds, contents and link targets.
struct TreeTextOptions {
  bool modes = true;
  bool times = false;
  bool owners = false;
  bool xattrs = false;
  bool hard_links = true;   // false: every name shows the content
  bool allocation = false;  // `allocated=BYTES` of files: holes or not
};

// Contents above this are shown as "size=N sum=HEX" instead of in full.
inline constexpr std::uint64_t kTextContentBytesMax = 256;

// Creates what `spec` says in `root`. Fails with kInvalid on a line it cannot read, else as the
// calls it makes. Times are set last.
[[nodiscard]] base::Result<void> build_tree(const DirectoryPtr& root, std::string_view spec);

// The tree below `root`, ordered by path; build_tree() can read it unless contents are long. What
// cannot be read shows as a line "PATH !KIND".
[[nodiscard]] std::string dump_tree(const DirectoryPtr& root, const TreeTextOptions& options = {});

// The escapes of the format.
[[nodiscard]] std::string escape_name(std::string_view bytes);
[[nodiscard]] std::string escape_content(std::string_view bytes);
[[nodiscard]] base::Result<std::string> unescape(std::string_view text);

// All of a file, read through its directory.
[[nodiscard]] base::Result<std::string> read_whole(const Directory& directory,
                                                   std::string_view name);
// Replaces or creates a file with `content`, in place.
[[nodiscard]] base::Result<void> write_whole(Directory& directory, std::string_view name,
                                             std::string_view content);

}  // namespace robosync::fs
