#pragma once
// Names of the files in a partition's directory: twenty digits of base offset and a suffix.
// Source: LogFileUtils, LocalLog.

#include <optional>
#include <string>
#include <string_view>

#include "sim/model/ids.h"

namespace bsim {

inline constexpr std::string_view kLogSuffix = ".log";
inline constexpr std::string_view kIndexSuffix = ".index";
inline constexpr std::string_view kTimeIndexSuffix = ".timeindex";
inline constexpr std::string_view kTxnIndexSuffix = ".txnindex";
inline constexpr std::string_view kProducerSnapshotSuffix = ".snapshot";
inline constexpr std::string_view kDeletedSuffix = ".deleted";
inline constexpr std::string_view kCleanedSuffix = ".cleaned";
inline constexpr std::string_view kSwapSuffix = ".swap";

// Of a partition's directory.
inline constexpr std::string_view kDeleteDirSuffix = "-delete";
inline constexpr std::string_view kStrayDirSuffix = "-stray";

inline constexpr std::string_view kLeaderEpochCheckpoint = "leader-epoch-checkpoint";
inline constexpr std::string_view kPartitionMetadata = "partition.metadata";
inline constexpr std::string_view kRecoveryPointCheckpoint = "recovery-point-offset-checkpoint";
inline constexpr std::string_view kReplicationCheckpoint = "replication-offset-checkpoint";
inline constexpr std::string_view kLogStartCheckpoint = "log-start-offset-checkpoint";
inline constexpr std::string_view kCleanShutdownFile = ".kafka_cleanshutdown";
inline constexpr std::string_view kMetaProperties = "meta.properties";
inline constexpr std::string_view kQuorumState = "quorum-state";

// "00000000000000000042.log" for (42, ".log").
std::string log_file_name(Offset base, std::string_view suffix);
// The offset in front of the first '.', if the name starts with digits only.
std::optional<Offset> offset_of_file(std::string_view name);
// True if the name is digits followed by exactly `suffix`.
bool is_log_file(std::string_view name, std::string_view suffix);

// "topic-0" -> {topic, 0}; nothing if the name has not that form or carries a -delete, -future or
// -stray suffix.
std::optional<TopicPartition> parse_partition_dir(std::string_view name);
// "my-topic-3".
std::string partition_dir_name(const TopicPartition& tp);
// "my-topic-3.<32 hex digits><suffix>", the topic cut so that the name has at most 255 characters.
std::string suffixed_dir_name(const TopicPartition& tp,
                              const Uuid& unique,
                              std::string_view suffix);

}  // namespace bsim
