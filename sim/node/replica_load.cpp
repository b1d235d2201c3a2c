// The files of a broker's replicas: which there are at the start, and where new ones go.
// Source: LogManager.loadLogs, getOrCreateLog.

#include <algorithm>
#include <string>
#include <utility>

#include "sim/model/dynamic_config.h"
#include "sim/node/must.h"
#include "sim/node/replica_manager.h"
#include "sim/storage/checkpoint_file.h"
#include "sim/storage/log_files.h"

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

void ReplicaManager::resolve_topic_defaults() {
    const ConfigResource own{ConfigResourceType::Broker, std::to_string(self_.value())};
    topic_defaults_ = dynamic_topic_defaults(
        config_.log, image_.configs({ConfigResourceType::Broker, ""}), image_.configs(own));
}

TopicConfig ReplicaManager::topic_config(const std::string& topic) const {
    return resolve_topic_config(topic_defaults_,
                                image_.configs({ConfigResourceType::Topic, topic}));
}

// What the checkpoint files of one directory said at the start.
struct ReplicaManager::Checkpoints {
    std::map<TopicPartition, Offset> hws;
    std::map<TopicPartition, Offset> recovery_points;
    std::map<TopicPartition, Offset> log_starts;
};

void ReplicaManager::load_logs(const std::vector<bool>& clean) {
    first_deletion_ = process_.now() + config_.log_initial_task_delay;
    resolve_topic_defaults();
    for (std::size_t dir = 0; dir < dirs_.size(); ++dir)
        load_dir(dir, clean[dir]);
}

void ReplicaManager::load_dir(std::size_t dir, bool clean) {
    Disk& disk = dirs_[dir].disk();
    const Checkpoints known{read_checkpoint(disk, kReplicationCheckpoint),
                            read_checkpoint(disk, kRecoveryPointCheckpoint),
                            read_checkpoint(disk, kLogStartCheckpoint)};
    for (const std::string& name : must(disk.list("")))
        load_log(dir, name, known, clean);
}

void ReplicaManager::load_log(std::size_t dir,
                              const std::string& name,
                              const Checkpoints& known,
                              bool clean) {
    Disk& disk = dirs_[dir].disk();
    if (name.ends_with(kDeleteDirSuffix))
        delete_dir_later(dir, name);
    const auto tp = parse_partition_dir(name);
    if (!tp || tp->topic == "__cluster_metadata")
        return;
    const std::optional<Uuid> topic_id = topic_of(dir, name, *tp);
    if (!topic_id) {
        must(disk.rename(name, unique_dir(*tp, kStrayDirSuffix)));
        return;
    }
    LogOpening opening;
    opening.dir = name;
    opening.log_start_offset = offset_or(known.log_starts, *tp);
    opening.recovery_point = offset_or(known.recovery_points, *tp);
    opening.clean_shutdown = clean;
    Replica& replica = open_log(dir, {*topic_id, tp->partition}, *tp, std::move(opening));
    const RecoveryReport& report = replica.log->recovery();
    process_.emit(LogRecovered{*tp, static_cast<std::int64_t>(replica.log->segment_count()),
                               report.truncated_bytes, report.leo});
    replica.log->set_high_watermark(offset_or(known.hws, *tp));
    discard_files(replica);
}

Replica& ReplicaManager::open_replica(const TopicIdPartition& id, const TopicPartition& tp) {
    LogOpening opening;
    opening.dir = tp.to_string();
    opening.clean_shutdown = true;
    return open_log(dir_for_new_log(id), id, tp, std::move(opening));
}

// `opening` says where the log lies in the directory and how it was left.
Replica& ReplicaManager::open_log(std::size_t dir,
                                  const TopicIdPartition& id,
                                  const TopicPartition& tp,
                                  LogOpening opening) {
    auto replica = std::make_unique<Replica>();
    replica->id = id;
    replica->tp = tp;
    replica->log_dir = dir;
    replica->config = topic_config(tp.topic);
    replica->last_flush = process_.now();
    opening.config = log_config(replica->config);
    opening.topic_id = id.topic_id;
    opening.now = process_.wall_now();
    replica->log =
        std::make_unique<PartitionLog>(must(PartitionLog::open(dirs_[dir].disk(), opening)));
    Replica& opened = *replicas_.emplace(id, std::move(replica)).first->second;
    by_name_[tp] = &opened;
    return opened;
}

// The directory that the metadata names, else the first of those with the fewest logs.
// Source: LogManager.getOrCreateLog, nextLogDirs.
std::size_t ReplicaManager::dir_for_new_log(const TopicIdPartition& id) const {
    if (dirs_.size() == 1)
        return 0;
    const PartitionRegistration* partition = image_.partition(id);
    const auto named = partition == nullptr ? std::nullopt : partition->directory_of(self_);
    const auto dir = named ? dirs_.find(*named) : std::nullopt;
    if (dir && !failed_dirs_.contains(*dir))
        return *dir;
    std::vector<std::size_t> logs(dirs_.size());
    for (const auto& [tp, replica] : replicas_)
        ++logs[replica->log_dir];
    for (const std::size_t failed : failed_dirs_)
        logs[failed] = SIZE_MAX;
    return static_cast<std::size_t>(std::min_element(logs.begin(), logs.end()) - logs.begin());
}

}  // namespace bsim
