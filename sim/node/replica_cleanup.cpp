// What a broker deletes: segments beyond retention or below the log start, files of truncated
// segments, directories of replicas that it does not hold any more.
// Source: LogManager.cleanupLogs, asyncDelete, deleteLogs, isStrayKraftReplica.

#include <algorithm>
#include <memory>
#include <utility>

#include "sim/node/must.h"
#include "sim/node/replica_manager.h"
#include "sim/storage/atomic_file.h"
#include "sim/storage/log_files.h"
#include "sim/storage/node_files.h"
#include "sim/storage/remove_tree.h"

namespace bsim {

// The topic that a directory belongs to; nothing if it is stray: of a topic that is gone, or of a
// partition that this broker has no replica of. Such a one is put aside, not deleted.
std::optional<Uuid> ReplicaManager::topic_of(std::size_t log_dir,
                                             const std::string& dir,
                                             const TopicPartition& tp) const {
    const auto topic_id = read_partition_metadata(dirs_[log_dir].disk(), dir);
    if (!topic_id.ok() || !is_assigned_here({*topic_id, tp.partition}))
        return std::nullopt;
    return *topic_id;
}

std::string ReplicaManager::unique_dir(const TopicPartition& tp, std::string_view suffix) {
    return suffixed_dir_name(tp, dir_draws_.uuid(), suffix);
}

void ReplicaManager::delete_dir_later(std::size_t log_dir, const std::string& dir) {
    const SimTime due = process_.now() + milliseconds(topic_defaults_.file_delete_delay_ms);
    process_.after(std::max(due, first_deletion_) - process_.now(), [this, log_dir, gone = dir] {
        must(remove_tree(dirs_[log_dir].disk(), gone));
        static_cast<void>(dirs_.settle(process_.now()));
    });
}

// The files that the log has renamed to ".deleted" since the last call.
void ReplicaManager::discard_files(Replica& replica) {
    std::vector<std::string> files = replica.log->take_deleted_files();
    if (files.empty())
        return;
    process_.after(milliseconds(replica.config.file_delete_delay_ms),
                   [this, log_dir = replica.log_dir, gone = std::move(files)] {
                       for (const std::string& file : gone)
                           must(remove_if_exists(dirs_[log_dir].disk(), file));
                       static_cast<void>(dirs_.settle(process_.now()));
                   });
}

// DEVIATION: compacted logs are left alone; Kafka's cleaner deletes old segments of those that are
// to be deleted, too.
void ReplicaManager::sweep_logs() {
    for (const auto& [tp, replica] : by_name_) {
        if (!replica->config.cleanup_compact)
            sweep(*replica);
    }
    static_cast<void>(dirs_.settle(process_.now()));
    sweep_alarm_.arm(process_.now() + config_.log_retention_check_interval);
}

void ReplicaManager::sweep(Replica& replica) {
    const Offset start = replica.log->log_start_offset();
    const Offset active = replica.log->active_segment_base();
    const auto deleted = must(replica.log->delete_old_segments(process_.wall_now()));
    if (replica.log->active_segment_base() != active) {
        process_.emit(SegmentRolled{replica.tp, replica.log->active_segment_base(), "retention"});
    }
    for (const DeletedSegment& segment : deleted)
        process_.emit(SegmentDeleted{replica.tp, segment.base, std::string(name(segment.reason))});
    if (replica.log->log_start_offset() != start)
        log_start_moved(replica, "segment deletion");
    discard_files(replica);
}

void ReplicaManager::log_start_moved(Replica& replica, std::string why) {
    const Offset start = replica.log->log_start_offset();
    process_.emit(LogStartAdvanced{replica.tp, start, std::move(why)});
    if (replica.leader) {
        replication::LeaderEffects effects;
        replica.leader->log_start_moved(context(), start, effects);
        return run(replica, effects);
    }
    const auto followed = followed_.find(replica.id);
    if (followed != followed_.end())
        fetchers_.at(followed->second)->fetcher.log_start_moved(replica.id, start);
}

}  // namespace bsim
