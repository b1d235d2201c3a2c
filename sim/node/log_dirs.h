#pragma once
// The log directories of a node (`log.dirs`): each a disk of its own, with its own device queue.
// The first one holds the metadata log, too, as without metadata.log.dir.
//
// Files: one directory is the node's own; of several, the n-th is its sub-directory "d<n>".

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/uuid.h"
#include "sim/kernel/inline_function.h"
#include "sim/node/node_disk.h"
#include "sim/node/process.h"

namespace bsim {

// The windows of work that ended together, by directory.
struct DiskTickets {
    DiskTicket first;
    std::vector<DiskTicket> others;

    const DiskTicket& of(std::size_t dir) const { return dir == 0 ? first : others[dir - 1]; }
};

class LogDirs {
  public:
    // `setup` is that of a node with one directory. Requires spec.log_dirs >= 1.
    static Stored<std::unique_ptr<LogDirs>> open(const NodeDisk::Setup& setup);

    std::size_t size() const { return dirs_.size(); }
    NodeDisk& operator[](std::size_t dir) { return *dirs_[dir].disk; }
    const NodeDisk& operator[](std::size_t dir) const { return *dirs_[dir].disk; }
    NodeDisk& metadata_dir() { return *dirs_.front().disk; }
    // "" if it is the only one; "d0".
    const std::string& name(std::size_t dir) const { return dirs_[dir].name; }
    const Uuid& id(std::size_t dir) const { return dirs_[dir].id; }
    std::vector<Uuid> ids() const;
    std::optional<std::size_t> find(const Uuid& id) const;

    // The process has taken the directory out of service, for the rest of its life.
    void fail(std::size_t dir) { dirs_[dir].failed = true; }
    bool failed(std::size_t dir) const { return dirs_[dir].failed; }

    // NodeDisk::settle and when_done for all directories: `action` runs when the last is done.
    DiskTickets settle(SimTime now);
    template <class F>
    void when_done(Process& process, const DiskTickets& tickets, F action);

    // The process has ended; the machine has lost power.
    void process_ended();
    void lose_power(SimTime now);
    // Every disk is replaced by an empty one, which gets another id when it is formatted. Requires
    // that the process is down.
    void wipe(SimTime now);

  private:
    struct Dir {
        std::string name;
        std::unique_ptr<NodeDisk> disk;
        Uuid id;
        bool failed = false;
    };
    struct Joined {
        InlineFunction action;
        DiskTickets tickets;
    };

    LogDirs(const Rng& rng, std::string node) : rng_(rng), node_(std::move(node)) {}

    void give_ids();
    void wait_from(std::size_t dir, Process& process, std::unique_ptr<Joined> joined);

    const Rng& rng_;
    std::string node_;
    int wipes_ = 0;
    std::vector<Dir> dirs_;  // at least one
};

template <class F>
void LogDirs::when_done(Process& process, const DiskTickets& tickets, F action) {
    if (dirs_.size() == 1)
        return metadata_dir().when_done(process, tickets.first, std::move(action));
    wait_from(0, process,
              std::make_unique<Joined>(Joined{InlineFunction(std::move(action)), tickets}));
}

}  // namespace bsim
