#pragma once
// Removes a directory with all that is in it. What is gone already is no error.

#include <string>

#include "sim/storage/disk.h"

namespace bsim {

Stored<Done> remove_tree(Disk& disk, const std::string& dir);
// The same for what is in it; the directory stays.
Stored<Done> remove_contents(Disk& disk, const std::string& dir);

}  // namespace bsim
