#include "sim/node/log_dirs.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "sim/node/must.h"
#include "sim/storage/remove_tree.h"

namespace bsim {

Stored<std::unique_ptr<LogDirs>> LogDirs::open(const NodeDisk::Setup& setup) {
    std::unique_ptr<LogDirs> dirs(new LogDirs(setup.rng, setup.name));
    for (std::int32_t i = 0; i < setup.spec.log_dirs; ++i) {
        NodeDisk::Setup own = setup;
        Dir dir;
        if (setup.spec.log_dirs > 1) {
            dir.name = fmt::format("d{}", i);
            own.name += "/" + dir.name;
            own.directory += "/" + dir.name;
        }
        BSIM_TRY(dir.disk, NodeDisk::open(own));
        dirs->dirs_.push_back(std::move(dir));
    }
    dirs->give_ids();
    return dirs;
}

// Drawn by `kafka-storage format`, anew for each disk.
void LogDirs::give_ids() {
    for (Dir& dir : dirs_) {
        std::string stream = "uuid/" + node_ + "/directory";
        if (wipes_ > 0)
            stream += fmt::format("-{}", wipes_);
        if (!dir.name.empty())
            stream += "/" + dir.name;
        dir.id = rng_.stream(stream).uuid();
    }
}

std::vector<Uuid> LogDirs::ids() const {
    std::vector<Uuid> ids;
    for (const Dir& dir : dirs_)
        ids.push_back(dir.id);
    return ids;
}

std::optional<std::size_t> LogDirs::find(const Uuid& id) const {
    const auto found =
        std::find_if(dirs_.begin(), dirs_.end(), [&](const Dir& dir) { return dir.id == id; });
    return found == dirs_.end() ? std::nullopt
                                : std::optional(static_cast<std::size_t>(found - dirs_.begin()));
}

DiskTickets LogDirs::settle(SimTime now) {
    DiskTickets tickets{metadata_dir().settle(now), {}};
    for (std::size_t i = 1; i < dirs_.size(); ++i)
        tickets.others.push_back(dirs_[i].disk->settle(now));
    return tickets;
}

void LogDirs::wait_from(std::size_t dir, Process& process, std::unique_ptr<Joined> joined) {
    if (dir == dirs_.size())
        return joined->action();
    const DiskTicket ticket = joined->tickets.of(dir);
    dirs_[dir].disk->when_done(process, ticket,
                               [this, dir, &process, held = std::move(joined)]() mutable {
                                   wait_from(dir + 1, process, std::move(held));
                               });
}

void LogDirs::process_ended() {
    for (Dir& dir : dirs_) {
        dir.disk->process_ended();
        dir.failed = false;
    }
}

void LogDirs::lose_power(SimTime now) {
    for (Dir& dir : dirs_)
        dir.disk->lose_power(now);
}

void LogDirs::wipe(SimTime now) {
    for (Dir& dir : dirs_) {
        must(remove_contents(dir.disk->disk(), ""));
        must(dir.disk->disk().sync_dir(""));
        static_cast<void>(dir.disk->settle(now));
    }
    ++wipes_;
    give_ids();
}

}  // namespace bsim
