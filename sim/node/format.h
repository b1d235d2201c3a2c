#pragma once
// What `kafka-storage format` leaves in a node's directories before its first start:
// meta.properties, and bootstrap.checkpoint beside the metadata log.

#include <string>

#include "sim/base/time.h"
#include "sim/model/ids.h"
#include "sim/node/log_dirs.h"

namespace bsim {

// Does nothing to a directory that is formatted already.
void format_log_dirs(LogDirs& dirs, BrokerId node, const std::string& cluster, WallMs now);

}  // namespace bsim
