// The files of a broker's replicas: opening, appending, truncating, flushing, checkpoints.

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "sim/model/dynamic_config.h"
#include "sim/node/must.h"
#include "sim/node/replica_manager.h"
#include "sim/storage/checkpoint_file.h"
#include "sim/storage/log_files.h"
#include "sim/wire/record_batch.h"

namespace bsim {
namespace {

std::map<TopicPartition, Offset> read_checkpoint(Disk& disk, std::string_view name) {
    std::map<TopicPartition, Offset> offsets;
    const std::string path(name);
    if (!must(disk.exists(path)))
        return offsets;
    for (auto& entry : must(read_offset_checkpoint(disk, path))) {
        offsets[entry.partition] = entry.offset;
    }
    return offsets;
}

Offset offset_or(const std::map<TopicPartition, Offset>& offsets, const TopicPartition& tp) {
    const auto it = offsets.find(tp);
    return it == offsets.end() ? Offset(0) : it->second;
}

}  // namespace

LogConfig log_config(const TopicConfig& config) {
    LogConfig out;
    out.segment_bytes = config.segment_bytes;
    out.segment_ms = config.segment_ms;
    out.index_interval_bytes = config.index_interval_bytes;
    out.index_size_max_bytes = config.segment_index_bytes;
    out.max_message_bytes = config.max_message_bytes;
    if (config.message_timestamp_type == MessageTimestampType::LogAppendTime) {
        out.message_timestamp_type = wire::TimestampType::LogAppendTime;
    }
    out.timestamp_before_max_ms = config.message_timestamp_before_max_ms;
    out.timestamp_after_max_ms = config.message_timestamp_after_max_ms;
    out.compact = config.cleanup_compact;
    out.delete_old = config.cleanup_delete;
    out.retention_ms = config.retention_ms;
    out.retention_bytes = config.retention_bytes;
    return out;
}

TopicConfig ReplicaManager::topic_config(const std::string& topic) const {
    return resolve_topic_config(topic_defaults_,
                                image_.configs({ConfigResourceType::Topic, topic}));
}

void ReplicaManager::load_logs(bool clean) {
    Disk& disk = disk_.disk();
    first_deletion_ = process_.now() + config_.log_initial_task_delay;
    const ConfigResource own{ConfigResourceType::Broker, std::to_string(self_.value())};
    topic_defaults_ = dynamic_topic_defaults(
        config_.log, image_.configs({ConfigResourceType::Broker, ""}), image_.configs(own));
    hw_checkpoint_ = read_checkpoint(disk, kReplicationCheckpoint);
    const auto recovery_points = read_checkpoint(disk, kRecoveryPointCheckpoint);
    const auto log_starts = read_checkpoint(disk, kLogStartCheckpoint);
    for (const std::string& name : must(disk.list(""))) {
        if (name.ends_with(kDeleteDirSuffix))
            delete_dir_later(name);
        const auto tp = parse_partition_dir(name);
        if (!tp || tp->topic == "__cluster_metadata")
            continue;
        const std::optional<Uuid> topic_id = topic_of(name, *tp);
        if (!topic_id) {
            must(disk.rename(name, unique_dir(*tp, kStrayDirSuffix)));
            continue;
        }
        LogOpening opening;
        opening.dir = name;
        const TopicConfig config = topic_config(tp->topic);
        opening.config = log_config(config);
        opening.log_start_offset = offset_or(log_starts, *tp);
        opening.recovery_point = offset_or(recovery_points, *tp);
        opening.clean_shutdown = clean;
        opening.topic_id = topic_id;
        opening.now = process_.wall_now();
        Replica replica;
        replica.id = {*topic_id, tp->partition};
        replica.tp = *tp;
        replica.config = config;
        replica.log = std::make_unique<PartitionLog>(must(PartitionLog::open(disk, opening)));
        const RecoveryReport& report = replica.log->recovery();
        process_.emit(LogRecovered{*tp, static_cast<std::int64_t>(replica.log->segment_count()),
                                   report.truncated_bytes, report.leo});
        replica.log->set_high_watermark(offset_or(hw_checkpoint_, *tp));
        discard_files(replica);
        replica.last_flush = process_.now();
        by_name_[*tp] = replica.id;
        const TopicIdPartition id = replica.id;
        replicas_.emplace(id, std::move(replica));
    }
}

Replica& ReplicaManager::open_replica(const TopicIdPartition& id, const TopicPartition& tp) {
    Replica replica;
    replica.id = id;
    replica.tp = tp;
    replica.last_flush = process_.now();
    replica.config = topic_config(tp.topic);
    LogOpening opening;
    opening.dir = tp.to_string();
    opening.config = log_config(replica.config);
    opening.clean_shutdown = true;
    opening.topic_id = id.topic_id;
    opening.now = process_.wall_now();
    replica.log = std::make_unique<PartitionLog>(must(PartitionLog::open(disk_.disk(), opening)));
    by_name_[tp] = id;
    return replicas_.emplace(id, std::move(replica)).first->second;
}

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
    if (info.batches == 1) {
        process_.emit(LogAppended{replica.tp, info.first_offset, info.last_offset,
                                  info.last_leader_epoch.value_or(replica.leader_epoch), info.bytes,
                                  info.crc});
        return;
    }
    wire::BatchReader reader(records.view());
    wire::BatchView batch;
    while (reader.next(batch)) {
        process_.emit(LogAppended{
            replica.tp, Offset(batch.header.base_offset), Offset(batch.header.last_offset()),
            LeaderEpoch(batch.header.partition_leader_epoch),
            static_cast<std::int64_t>(batch.header.size_in_bytes()), batch.header.crc});
    }
}

void ReplicaManager::truncate(Replica& replica, Offset to) {
    const TruncateInfo info = must(replica.log->truncate_to(to, process_.wall_now()));
    if (info.truncated)
        process_.emit(LogTruncated{replica.tp, info.from, info.to});
    discard_files(replica);
}

void ReplicaManager::start_over(Replica& replica, Offset at) {
    const TruncateInfo info =
        must(replica.log->truncate_fully_and_start_at(at, process_.wall_now()));
    process_.emit(LogTruncated{replica.tp, info.from, info.to});
    discard_files(replica);
}

// After a roll Kafka's scheduler flushes the segments before it, in the background.
void ReplicaManager::flush_later(const TopicIdPartition& tp, Offset to) {
    process_.after(SimDuration(0), [this, tp, to] {
        Replica* replica = find(tp);
        if (replica == nullptr || replica->log->recovery_point() >= to)
            return;
        flush(*replica, to);
        static_cast<void>(settle_disk());
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
    flushes_.emplace_back(replica.id, to);
}

// `flush.ms` counts only at the turns of log.flush.scheduler.interval.ms, which by default never
// come. Source: LogManager.flushDirtyLogs.
void ReplicaManager::flush_dirty_logs() {
    const SimTime now = process_.now();
    for (auto& [id, replica] : replicas_) {
        const Offset leo = replica.log->leo();
        const std::int64_t flush_ms = replica.config.flush_ms;
        if (leo > replica.log->recovery_point() &&
            (now - replica.last_flush).ns() / 1'000'000 >= flush_ms)
            flush(replica, leo);
    }
    static_cast<void>(settle_disk());
    flush_alarm_.arm(now + config_.log_flush_scheduler_interval);
}

// Ends a window of work on the disk; what was flushed in it is told when it is over.
DiskTicket ReplicaManager::settle_disk() {
    const DiskTicket ticket = disk_.settle(process_.now());
    if (!flushes_.empty()) {
        disk_.when_done(process_, ticket, [this, flushes = std::exchange(flushes_, {})] {
            for (const auto& [tp, to] : flushes)
                note_flushed(tp, to);
        });
    }
    return ticket;
}

void ReplicaManager::note_flushed(const TopicIdPartition& tp, Offset to) {
    const Replica* replica = find(tp);
    // What was cut off meanwhile is not there any more.
    if (replica != nullptr)
        process_.emit(LogFlushed{replica->tp, std::min(to, replica->log->leo())});
}

// The kernel brings files to the device by itself: what their logs hold now will be there.
void ReplicaManager::written_back(const std::vector<std::string>& files, const DiskTicket& ticket) {
    std::set<TopicPartition> touched;
    for (const std::string& file : files) {
        const auto tp = parse_partition_dir(parent_path(file));
        if (tp && is_log_file(file.substr(file.rfind('/') + 1), kLogSuffix))
            touched.insert(*tp);
    }
    for (const TopicPartition& tp : touched) {
        const Replica* replica = find(tp);
        if (replica == nullptr)
            continue;
        const Offset to = written_up_to(*replica);
        if (to <= replica->log->recovery_point())
            continue;
        disk_.when_done(process_, ticket, [this, id = replica->id, to] { note_flushed(id, to); });
    }
}

// The end of what is on the device, or on its way there.
Offset ReplicaManager::written_up_to(const Replica& replica) const {
    for (const Offset base : replica.log->segment_bases()) {
        const std::string path = join_path(replica.log->dir(), log_file_name(base, kLogSuffix));
        if (disk_.cache().is_dirty(path))
            return base;
    }
    return replica.log->leo();
}

void ReplicaManager::checkpoint_hws() {
    std::vector<OffsetCheckpointEntry> entries;
    for (const auto& [tp, id] : by_name_) {
        entries.push_back({tp, replicas_.at(id).log->high_watermark()});
    }
    must(write_offset_checkpoint(disk_.disk(), std::string(kReplicationCheckpoint), entries));
    static_cast<void>(disk_.settle(process_.now()));
    hw_checkpoint_alarm_.arm(process_.now() + config_.replica_high_watermark_checkpoint_interval);
}

void ReplicaManager::write_recovery_points() {
    std::vector<OffsetCheckpointEntry> entries;
    for (const auto& [tp, id] : by_name_)
        entries.push_back({tp, replicas_.at(id).log->recovery_point()});
    must(write_offset_checkpoint(disk_.disk(), std::string(kRecoveryPointCheckpoint), entries));
}

// Only of logs whose start cannot be told from their first segment.
void ReplicaManager::write_log_starts() {
    std::vector<OffsetCheckpointEntry> entries;
    for (const auto& [tp, id] : by_name_) {
        const PartitionLog& log = *replicas_.at(id).log;
        if (log.log_start_offset() > log.first_segment_base())
            entries.push_back({tp, log.log_start_offset()});
    }
    must(write_offset_checkpoint(disk_.disk(), std::string(kLogStartCheckpoint), entries));
}

void ReplicaManager::checkpoint_recovery_points() {
    write_recovery_points();
    static_cast<void>(disk_.settle(process_.now()));
    recovery_checkpoint_alarm_.arm(process_.now() + config_.log_flush_offset_checkpoint_interval);
}

void ReplicaManager::checkpoint_log_starts() {
    write_log_starts();
    static_cast<void>(disk_.settle(process_.now()));
    start_checkpoint_alarm_.arm(process_.now() +
                                config_.log_flush_start_offset_checkpoint_interval);
}

void ReplicaManager::shut_down() {
    followed_.clear();
    fetchers_.clear();
    for (auto& [id, replica] : replicas_)
        replica.leader.reset();
    checkpoint_hws();
    for (auto& [id, replica] : replicas_) {
        must(replica.log->close(LogClose{true}));
    }
    write_recovery_points();
    write_log_starts();
}

void ReplicaManager::note_flushed() {
    for (const auto& [id, replica] : replicas_)
        process_.emit(LogFlushed{replica.tp, replica.log->leo()});
}

void ReplicaManager::close_files() {
    for (auto& [id, replica] : replicas_)
        must(replica.log->close(LogClose{}));
}

}  // namespace bsim
