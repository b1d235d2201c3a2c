// The files of a broker's replicas: opening, appending, truncating, flushing, checkpoints.

#include <algorithm>
#include <string>
#include <utility>

#include "sim/model/dynamic_config.h"
#include "sim/node/must.h"
#include "sim/node/replica_manager.h"
#include "sim/node/wall_clock.h"
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
        opening.now = wall_clock(process_.now());
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
        by_name_[*tp] = replica.id;
        const TopicIdPartition id = replica.id;
        replicas_.emplace(id, std::move(replica));
    }
}

Replica& ReplicaManager::open_replica(const TopicIdPartition& id, const TopicPartition& tp) {
    Replica replica;
    replica.id = id;
    replica.tp = tp;
    replica.config = topic_config(tp.topic);
    LogOpening opening;
    opening.dir = tp.to_string();
    opening.config = log_config(replica.config);
    opening.clean_shutdown = true;
    opening.topic_id = id.topic_id;
    opening.now = wall_clock(process_.now());
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
    const TruncateInfo info = must(replica.log->truncate_to(to, wall_clock(process_.now())));
    if (info.truncated)
        process_.emit(LogTruncated{replica.tp, info.from, info.to});
    discard_files(replica);
}

void ReplicaManager::start_over(Replica& replica, Offset at) {
    const TruncateInfo info =
        must(replica.log->truncate_fully_and_start_at(at, wall_clock(process_.now())));
    process_.emit(LogTruncated{replica.tp, info.from, info.to});
    discard_files(replica);
}

// After a roll Kafka's scheduler flushes the segments before it, in the background.
void ReplicaManager::flush_later(const TopicIdPartition& tp, Offset to) {
    process_.after(SimDuration(0), [this, tp, to] {
        Replica* replica = find(tp);
        if (replica == nullptr || replica->log->recovery_point() >= to)
            return;
        must(replica->log->flush_up_to(to));
        const SimTime done = disk_.settle(process_.now());
        process_.after(done - process_.now(), [this, tp, to] {
            if (Replica* flushed = find(tp))
                process_.emit(LogFlushed{flushed->tp, to});
        });
    });
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
        process_.emit(LogFlushed{replica.tp, replica.log->leo()});
    }
    write_recovery_points();
    write_log_starts();
}

void ReplicaManager::close_files() {
    for (auto& [id, replica] : replicas_)
        must(replica.log->close(LogClose{}));
}

}  // namespace bsim
