// The parts of which option_table() is made, one function per options_*.cc.
//
// Only option_table.cc includes this; everybody else asks option_table().
#pragma once

#include <vector>

#include "cli/option_spec.h"

namespace robosync::cli {

inline constexpr VerbSet kAllVerbs = {Verb::kCopy, Verb::kMirror, Verb::kMove, Verb::kVerify};
inline constexpr VerbSet kWritingVerbs = {Verb::kCopy, Verb::kMirror, Verb::kMove};
inline constexpr VerbSet kMirrorOnly = {Verb::kMirror};

[[nodiscard]] std::vector<OptionSpec> run_options();
[[nodiscard]] std::vector<OptionSpec> comparison_options();
[[nodiscard]] std::vector<OptionSpec> selection_options();
[[nodiscard]] std::vector<OptionSpec> link_options();
[[nodiscard]] std::vector<OptionSpec> attribute_options();
[[nodiscard]] std::vector<OptionSpec> writing_options();
[[nodiscard]] std::vector<OptionSpec> backup_options();
[[nodiscard]] std::vector<OptionSpec> deletion_options();
[[nodiscard]] std::vector<OptionSpec> connection_options();
[[nodiscard]] std::vector<OptionSpec> output_options();

}  // namespace robosync::cli
