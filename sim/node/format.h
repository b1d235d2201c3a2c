#pragma once
// What `kafka-storage format` leaves in a node's directory before its first start: meta.properties
// and bootstrap.checkpoint.

#include <string>

#include "sim/node/node_disk.h"
#include "sim/storage/node_files.h"

namespace bsim {

// Does nothing to a directory that is formatted already.
void format_directory(NodeDisk& disk, const MetaProperties& properties, WallMs now);

}  // namespace bsim
