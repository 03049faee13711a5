#include "cli/robocopy_command.h"

namespace robosync::cli {

MetadataFamily metadata_family() { return MetadataFamily::kWindows; }

}  // namespace robosync::cli
