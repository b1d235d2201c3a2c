#pragma once
// Small whole files: read at once, or replaced so that a crash leaves the old or the new content.
// Replacing writes "<path>.tmp", syncs it, renames it and syncs the directory.
// Source: CheckpointFile, Utils.atomicMoveWithFallback.

#include <string>

#include "sim/storage/disk.h"

namespace bsim {

Stored<std::string> read_file(Disk& disk, const std::string& path);
Stored<Done> write_file_atomically(Disk& disk, const std::string& path, std::string_view content);
// In place, then synced: for files whose reader bears with a torn content.
Stored<Done> write_file_synced(Disk& disk, const std::string& path, std::string_view content);
// Removes the file; absence is success.
Stored<Done> remove_if_exists(Disk& disk, const std::string& path);

}  // namespace bsim
