#include "sim/storage/remove_tree.h"

namespace bsim {

Stored<Done> remove_contents(Disk& disk, const std::string& dir) {
    BSIM_TRY(const auto names, disk.list(dir));
    for (const std::string& name : names) {
        const std::string path = join_path(dir, name);
        // Only a directory can be listed.
        if (disk.list(path).ok()) {
            BSIM_TRY_VOID(remove_tree(disk, path));
        } else {
            BSIM_TRY_VOID(disk.remove(path));
        }
    }
    return Done{};
}

Stored<Done> remove_tree(Disk& disk, const std::string& dir) {
    BSIM_TRY(const bool present, disk.exists(dir));
    if (!present)
        return Done{};
    BSIM_TRY_VOID(remove_contents(disk, dir));
    return disk.remove(dir);
}

}  // namespace bsim
