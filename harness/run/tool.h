// ToolAdapter: how one tool is asked to do a job, what it keeps, and why its flags are the fair
// equivalent of what the others are asked. An adapter makes commands and judges exit codes; it runs
// nothing but its probe and its server, both through the Executor that it is given.
//
// Adapters are used by one thread. See adapters.h for those that exist.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "harness/report/model.h"
#include "harness/run/process.h"
#include "harness/tree/tree_image.h"

namespace robosync::parity {

enum class Route : std::uint8_t {
  kLocal,  // both trees are local
  kPush,   // the target is at a server
  kPull,   // the source is at a server
};
[[nodiscard]] std::string_view to_string(Route route);

enum class Phase : std::uint8_t { kFirst, kNoop, kIncremental, kMirror };
[[nodiscard]] std::string_view to_string(Phase phase);

enum class Verb : std::uint8_t {
  kCopy,    // add and update, never delete
  kMirror,  // copy, then delete what the source has not
};

// Which verb a phase measures.
[[nodiscard]] Verb verb_of(Phase phase);

enum class SourceForm : std::uint8_t {
  kContents,  // what is in the directory `source` goes into the directory `target`
  kItself,    // `source`, a directory or a file, appears below `target` under its own name
};

// A server that was started for a route, seen from the client.
struct ServerAddress {
  std::string host;
  int port = 0;
  std::string root;              // the directory that it serves; the far path of a job is below it
  std::string identity;          // the key that opens it, a file's path; "" where none is needed
  std::string shell;             // what reaches another machine (FarSide::shell()); "" for this one
  std::string programs = {};     // the folder of our programs there; "" for this one
  std::string fingerprint = {};  // of the key that a server with TLS shows
};

// What a tool is asked to do.
struct Job {
  Verb verb = Verb::kCopy;
  Route route = Route::kLocal;
  SourceForm form = SourceForm::kContents;
  std::string source;    // absolute, without a trailing separator
  std::string target;    // absolute, without a trailing separator; need not exist
  ServerAddress server;  // of kPush and kPull
  unsigned threads = 0;  // 0 is the tool's own choice
  // Beyond what every tool is asked to keep (content, names, links, modes, times).
  bool hard_links = false;
  bool sparse = false;
  bool checksum = false;              // compare content, not size and time
  unsigned modify_window_s = 0;       // times this close count as equal
  std::vector<std::string> excludes;  // names or shell patterns, anywhere in the tree
};

// Where a server is to run.
struct ServerPlace {
  Route route = Route::kPush;
  std::string root;                 // the directory to serve: writable for kPush, read for kPull
  std::string scratch;              // an empty directory for its configuration and logs
  std::string host;                 // the address to listen at
  std::vector<std::string> prefix;  // of Command
  std::string shell;                // of FarSide; then `root` is there and `scratch` here
  std::string programs = {};        // of FarSide
};

// A far path as the server names it: below its root, without a leading separator.
[[nodiscard]] std::string path_at(const ServerAddress& server, const std::string& path);

// A running server; destroying it stops it.
struct Server {
  ServerAddress address;
  std::unique_ptr<Background> process;
};

class ToolAdapter {
 public:
  ToolAdapter() = default;
  virtual ~ToolAdapter() = default;
  ToolAdapter(const ToolAdapter&) = delete;
  ToolAdapter& operator=(const ToolAdapter&) = delete;

  [[nodiscard]] virtual std::string name() const = 0;

  // Finds the tool, asks it for its version and tries it where that is needed to know that it
  // works (`scratch` is an empty directory for that). Never fails: what is not available says why.
  [[nodiscard]] virtual Tool probe(Executor& executor, const std::string& scratch) = 0;

  // The command for a job. kUnsupported, with the reason for people, for what the tool cannot do.
  // REQUIRES: probe() found the tool available.
  [[nodiscard]] virtual base::Result<Command> command(const Job& job) const = 0;

  // Why a cell of this phase and route cannot be measured with this tool; "" when it can.
  [[nodiscard]] virtual std::string unavailable(Route route, Phase phase) const = 0;

  // What the tool keeps when it does such a job; what it does not keep is not compared, and the
  // tool's `fairness` says so.
  [[nodiscard]] virtual Aspects kept(const Job& job) const;

  // Whether the tool says that it did all that it was asked to.
  [[nodiscard]] virtual bool succeeded(const Finished& finished) const;

  // Whether the tool can do its part on another machine when it has ServerPlace::shell.
  [[nodiscard]] virtual bool reaches_by_shell() const { return false; }

  // Starts the tool's server on a free port and returns when it answers. kUnsupported for a tool
  // that needs none or has none.
  [[nodiscard]] virtual base::Result<Server> start_server(const ServerPlace& place,
                                                          Executor& executor) const;
};

}  // namespace robosync::parity
