// The fields of a report, once for writing and reading: `archive(name, value)` is called for each.
// An archive that writes is given constant values.
#pragma once

#include <concepts>
#include <type_traits>

#include "harness/report/model.h"

namespace robosync::parity {

template <typename Value, typename Wanted>
concept MaybeConst = std::same_as<std::remove_const_t<Value>, Wanted>;

template <typename Archive, MaybeConst<Environment> Value>
void fields(Archive& archive, Value& value) {
  archive("host", value.host);
  archive("machine_class", value.machine_class);
  archive("os", value.os);
  archive("kernel", value.kernel);
  archive("cpu", value.cpu);
  archive("processors", value.processors);
  archive("memory_bytes", value.memory_bytes);
  archive("scratch_path", value.scratch_path);
  archive("scratch_file_system", value.scratch_file_system);
  archive("load_before", value.load_before);
  archive("load_after", value.load_after);
}

template <typename Archive, MaybeConst<Tool> Value>
void fields(Archive& archive, Value& value) {
  archive("name", value.name);
  archive("available", value.available);
  archive("reason", value.reason);
  archive("version", value.version);
  archive("path", value.path);
  archive("flags", value.flags);
  archive("fairness", value.fairness);
}

template <typename Archive, MaybeConst<Link> Value>
void fields(Archive& archive, Value& value) {
  archive("name", value.name);
  archive("available", value.available);
  archive("emulated", value.emulated);
  archive("reason", value.reason);
  archive("description", value.description);
}

template <typename Archive, MaybeConst<DatasetRecord> Value>
void fields(Archive& archive, Value& value) {
  archive("name", value.name);
  archive("scale", value.scale);
  archive("seed", value.seed);
  archive("files", value.files);
  archive("directories", value.directories);
  archive("bytes", value.bytes);
  archive("profile", value.profile);
  archive("digest", value.digest);
  archive("digest_matches_spec", value.digest_matches_spec);
}

template <typename Archive, MaybeConst<Sample> Value>
void fields(Archive& archive, Value& value) {
  archive("wall_s", value.wall_s);
  archive("user_s", value.user_s);
  archive("system_s", value.system_s);
  archive("peak_rss_bytes", value.peak_rss_bytes);
  archive("wire_bytes", value.wire_bytes);
  archive("verified", value.verified);
  archive("problem", value.problem);
}

template <typename Archive, MaybeConst<Cell> Value>
void fields(Archive& archive, Value& value) {
  archive("tool", value.tool);
  archive("dataset", value.dataset);
  archive("link", value.link);
  archive("route", value.route);
  archive("phase", value.phase);
  archive("state", value.state);
  archive("reason", value.reason);
  archive("command", value.command);
  archive("files", value.files);
  archive("bytes", value.bytes);
  archive("system_calls_per_file", value.system_calls_per_file);
  archive("samples", value.samples);
}

template <typename Archive, MaybeConst<CheckResult> Value>
void fields(Archive& archive, Value& value) {
  archive("check", value.check);
  archive("title", value.title);
  archive("tool", value.tool);
  archive("route", value.route);
  archive("outcome", value.outcome);
  archive("detail", value.detail);
}

template <typename Archive, MaybeConst<MicroBenchmark> Value>
void fields(Archive& archive, Value& value) {
  archive("name", value.name);
  archive("real_time_ns", value.real_time_ns);
  archive("cpu_time_ns", value.cpu_time_ns);
  archive("iterations", value.iterations);
}

template <typename Archive, MaybeConst<Report> Value>
void fields(Archive& archive, Value& value) {
  archive("schema", value.schema);
  archive("tool_version", value.tool_version);
  archive("commit", value.commit);
  archive("suite", value.suite);
  archive("started_at", value.started_at);
  archive("duration_s", value.duration_s);
  archive("environment", value.environment);
  archive("tools", value.tools);
  archive("links", value.links);
  archive("datasets", value.datasets);
  archive("cells", value.cells);
  archive("checks", value.checks);
  archive("micro_benchmarks", value.micro_benchmarks);
  archive("warnings", value.warnings);
}

}  // namespace robosync::parity
