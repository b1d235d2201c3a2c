#pragma once
// The one background thread of a group coordinator: takes over and gives up partitions of
// __consumer_offsets, one at a time and in the order of the news. To take one over it reads the
// partition's log from start to end, a buffer of offsets.load.buffer.size at a time, and waits for
// the disk where the log is not in memory; meanwhile whoever asks for these groups is put off.
// Source: GroupMetadataManager.scheduler, doLoadGroupsAndOffsets.

#include <deque>
#include <functional>
#include <optional>

#include "sim/node/log_dirs.h"
#include "sim/node/process.h"
#include "sim/node/replica_manager.h"
#include "sim/protocol/group/coordinator_io.h"

namespace bsim {

class GroupLoader {
  public:
    using Tell = std::function<void(group::CoordinatorInput)>;

    struct Parts {
        Process& process;
        LogDirs& dirs;
        ReplicaManager& replicas;
        std::int32_t buffer_bytes;
    };
    // `tell` passes inputs to the coordinator.
    GroupLoader(const Parts& parts, Tell tell) : parts_(parts), tell_(std::move(tell)) {}

    // Elected or Resigned; told to the coordinator when its turn has come.
    void post(group::CoordinatorInput news);
    // The coordinator's answer to Elected: the thread reads before it goes on.
    void read(PartitionIndex partition) { reading_ = partition; }
    void stop();

  private:
    struct Task {
        group::CoordinatorInput news;
        EventNumber cause;
    };
    void start(SimDuration delay);
    void run();
    void next_task();
    void read_buffer(std::optional<Offset> from);
    void take_buffer(const SharedBytes& batches);

    Parts parts_;
    Tell tell_;
    std::deque<Task> tasks_;  // the first is in hand
    std::optional<PartitionIndex> reading_;
    bool stopped_ = false;
};

}  // namespace bsim
