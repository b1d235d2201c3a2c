// The files of a broker's replicas: appending, truncating, flushing, checkpoints.

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "sim/model/dynamic_config.h"
#include "sim/node/appended_batch.h"
#include "sim/node/must.h"
#include "sim/node/replica_manager.h"
#include "sim/storage/checkpoint_file.h"
#include "sim/storage/log_files.h"
#include "sim/wire/record_batch.h"

namespace bsim {
Offset ReplicaManager::set_hw(Replica& replica, Offset hw) {
    const Offset before = replica.log->high_watermark();
    const Offset now = replica.log->set_high_watermark(hw);
    if (now != before)
        process_.emit(HwAdvanced{replica.tp, now, replica.leader_epoch});
    return now;
}

void ReplicaManager::note_appended(Replica& replica,
                                   const SharedBytes& records,
                                   const AppendInfo& info) {
    flush_if_due(replica);
    if (info.rolled) {
        process_.emit(SegmentRolled{replica.tp, *info.rolled, "full"});
        flush_later(replica.id, *info.rolled);
    }
    wire::BatchReader reader(records.view());
    wire::BatchView batch;
    while (reader.next(batch)) {
        LogAppended appended = appended_batch(replica.tp, batch.header);
        if (info.batches == 1) {
            // The leader stamps a batch as it stores it.
            appended.base = info.first_offset;
            appended.last = info.last_offset;
            appended.epoch = info.last_leader_epoch.value_or(replica.leader_epoch);
            appended.crc = info.crc;
        }
        process_.emit(std::move(appended));
    }
}

void ReplicaManager::truncate(Replica& replica, Offset to) {
    const auto info = replica.log->truncate_to(to, process_.wall_now());
    if (!info.ok())
        return dir_failed(replica.log_dir, info.error());
    if (info->truncated)
        process_.emit(LogTruncated{replica.tp, info->from, info->to});
    discard_files(replica);
}

void ReplicaManager::start_over(Replica& replica, Offset at) {
    const auto info = replica.log->truncate_fully_and_start_at(at, process_.wall_now());
    if (!info.ok())
        return dir_failed(replica.log_dir, info.error());
    process_.emit(LogTruncated{replica.tp, info->from, info->to});
    discard_files(replica);
}

// After a roll Kafka's scheduler flushes the segments before it, in the background.
void ReplicaManager::flush_later(const TopicIdPartition& tp, Offset to) {
    process_.after(SimDuration(0), [this, tp, to] {
        Replica* replica = find(tp);
        if (replica == nullptr || replica->log->recovery_point() >= to)
            return;
        flush(*replica, to);
        static_cast<void>(settle_disks());
    });
}

// `flush.messages`: whoever appended waits for the disk. Source: UnifiedLog.append.
void ReplicaManager::flush_if_due(Replica& replica) {
    const Offset leo = replica.log->leo();
    if (leo - replica.log->recovery_point() < replica.config.flush_messages)
        return;
    flush(replica, leo);
}

void ReplicaManager::flush(Replica& replica, Offset to) {
    must(replica.log->flush_up_to(to));
    replica.last_flush = process_.now();
    flushes_.push_back({replica.log_dir, replica.id, to});
}

// `flush.ms` counts only at the turns of log.flush.scheduler.interval.ms, which by default never
// come. Source: LogManager.flushDirtyLogs.
void ReplicaManager::flush_dirty_logs() {
    const SimTime now = process_.now();
    for (auto& [id, replica] : replicas_) {
        const Offset leo = replica->log->leo();
        const std::int64_t flush_ms = replica->config.flush_ms;
        if (leo > replica->log->recovery_point() &&
            (now - replica->last_flush).ns() / 1'000'000 >= flush_ms)
            flush(*replica, leo);
    }
    static_cast<void>(settle_disks());
    flush_alarm_.arm(now + config_.log_flush_scheduler_interval);
}

// Ends a window of work on the disks; what was flushed in it is told when it is over.
DiskTickets ReplicaManager::settle_disks() {
    const DiskTickets tickets = dirs_.settle(process_.now());
    for (const Flush& flush : std::exchange(flushes_, {})) {
        dirs_[flush.log_dir].when_done(
            process_, tickets.of(flush.log_dir),
            [this, tp = flush.tp, to = flush.to] { note_flushed(tp, to); });
    }
    return tickets;
}

void ReplicaManager::note_flushed(const TopicIdPartition& tp, Offset to) {
    const Replica* replica = find(tp);
    // What was cut off meanwhile is not there any more.
    if (replica != nullptr)
        process_.emit(LogFlushed{replica->tp, std::min(to, replica->log->leo())});
}

// The kernel brings files to the device by itself: what their logs hold now will be there.
void ReplicaManager::written_back(std::size_t dir,
                                  const std::vector<std::string>& files,
                                  const DiskTicket& ticket) {
    std::set<TopicPartition> touched;
    for (const std::string& file : files) {
        const auto tp = parse_partition_dir(parent_path(file));
        if (tp && is_log_file(file.substr(file.rfind('/') + 1), kLogSuffix))
            touched.insert(*tp);
    }
    for (const TopicPartition& tp : touched) {
        const Replica* replica = find(tp);
        if (replica == nullptr || replica->log_dir != dir)
            continue;
        const Offset to = written_up_to(*replica);
        if (to <= replica->log->recovery_point())
            continue;
        dirs_[dir].when_done(process_, ticket,
                             [this, id = replica->id, to] { note_flushed(id, to); });
    }
}

// The end of what is on the device, or on its way there.
Offset ReplicaManager::written_up_to(const Replica& replica) const {
    for (const Offset base : replica.log->segment_bases()) {
        const std::string path = join_path(replica.log->dir(), log_file_name(base, kLogSuffix));
        if (dirs_[replica.log_dir].cache().is_dirty(path))
            return base;
    }
    return replica.log->leo();
}

template <class OffsetOf>
void ReplicaManager::write_checkpoints(std::string_view name, OffsetOf offset_of) {
    std::vector<std::vector<OffsetCheckpointEntry>> entries(dirs_.size());
    for (const auto& [tp, replica] : by_name_) {
        if (const std::optional<Offset> offset = offset_of(*replica->log))
            entries[replica->log_dir].push_back({tp, *offset});
    }
    for (std::size_t dir = 0; dir < dirs_.size(); ++dir) {
        if (failed_dirs_.contains(dir))
            continue;
        const auto written =
            write_offset_checkpoint(dirs_[dir].disk(), std::string(name), entries[dir]);
        if (!written.ok())
            dir_failed(dir, written.error());
    }
}

void ReplicaManager::checkpoint_hws() {
    write_checkpoints(kReplicationCheckpoint,
                      [](const PartitionLog& log) { return std::optional(log.high_watermark()); });
    static_cast<void>(dirs_.settle(process_.now()));
    hw_checkpoint_alarm_.arm(process_.now() + config_.replica_high_watermark_checkpoint_interval);
}

void ReplicaManager::write_recovery_points() {
    write_checkpoints(kRecoveryPointCheckpoint,
                      [](const PartitionLog& log) { return std::optional(log.recovery_point()); });
}

// Only of logs whose start cannot be told from their first segment.
void ReplicaManager::write_log_starts() {
    write_checkpoints(kLogStartCheckpoint, [](const PartitionLog& log) {
        const Offset start = log.log_start_offset();
        return start > log.first_segment_base() ? std::optional(start) : std::nullopt;
    });
}

void ReplicaManager::checkpoint_recovery_points() {
    write_recovery_points();
    static_cast<void>(dirs_.settle(process_.now()));
    recovery_checkpoint_alarm_.arm(process_.now() + config_.log_flush_offset_checkpoint_interval);
}

void ReplicaManager::checkpoint_log_starts() {
    write_log_starts();
    static_cast<void>(dirs_.settle(process_.now()));
    start_checkpoint_alarm_.arm(process_.now() +
                                config_.log_flush_start_offset_checkpoint_interval);
}

void ReplicaManager::shut_down() {
    followed_.clear();
    fetchers_.clear();
    for (auto& [id, replica] : replicas_)
        replica->leader.reset();
    checkpoint_hws();
    for (auto& [id, replica] : replicas_) {
        must(replica->log->close(LogClose{true}));
    }
    write_recovery_points();
    write_log_starts();
}

void ReplicaManager::note_flushed() {
    for (const auto& [id, replica] : replicas_)
        process_.emit(LogFlushed{replica->tp, replica->log->leo()});
}

void ReplicaManager::close_files() {
    for (auto& [id, replica] : replicas_)
        must(replica->log->close(LogClose{}));
}

}  // namespace bsim
