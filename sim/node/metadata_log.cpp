#include "sim/node/metadata_log.h"

#include <utility>
#include <variant>

#include "sim/node/appended_batch.h"
#include "sim/node/must.h"
#include "sim/storage/atomic_file.h"
#include "sim/storage/node_files.h"
#include "sim/storage/quorum_state_file.h"
#include "sim/wire/batch_builder.h"
#include "sim/wire/control_record.h"
#include "sim/wire/messages/leader_change_message.h"
#include "sim/wire/record_reader.h"

namespace bsim {
namespace {

constexpr Uuid kMetadataTopicId{0, 1};
// Fixed for the metadata log (KafkaMetadataLog.FileDeleteDelayMs).
constexpr SimDuration kFileDeleteDelay = milliseconds(60'000);
constexpr const char* kQuorumStatePath = "__cluster_metadata-0/quorum-state";

const TopicPartition& metadata_partition() {
    static const TopicPartition partition{"__cluster_metadata", PartitionIndex(0)};
    return partition;
}

SharedBytes encode(const kraft::LeaderChangeBatch& batch) {
    wire::LeaderChangeMessage message;
    message.leader_id = batch.leader.value();
    for (const BrokerId voter : batch.voters) {
        message.voters.emplace_back().voter_id = voter.value();
    }
    for (const BrokerId voter : batch.granting) {
        message.granting_voters.emplace_back().voter_id = voter.value();
    }
    wire::BatchOptions options;
    options.base_offset = batch.base.value();
    options.leader_epoch = batch.epoch.value();
    const auto value = wire::encode_control_value(message, 0);
    return SharedBytes(wire::control_batch(options, batch.timestamp.value(),
                                           wire::ControlType::LeaderChange, value));
}

SharedBytes encode(const kraft::RecordsBatch& batch) {
    wire::BatchOptions options;
    options.base_offset = batch.base.value();
    options.leader_epoch = batch.epoch.value();
    wire::BatchBuilder builder(options);
    for (const SharedBytes& value : batch.values) {
        builder.append(batch.timestamp.value(), std::nullopt, value.view(), {});
    }
    return SharedBytes(builder.build());
}

}  // namespace

PartitionLog MetadataLog::open(Process& process, NodeDisk& disk, const BrokerConfig& config) {
    LogOpening opening;
    opening.dir = kMetadataDir;
    opening.config.segment_bytes = config.metadata_log_segment_bytes;
    opening.config.segment_ms = config.metadata_log_segment_ms;
    opening.config.max_message_bytes = static_cast<std::int32_t>(kraft::kMaxBatchBytes);
    opening.topic_id = kMetadataTopicId;
    opening.now = process.wall_now();
    return must(PartitionLog::open(disk.disk(), opening));
}

MetadataLog::MetadataLog(Process& process, NodeDisk& disk, const BrokerConfig& config)
    : process_(process),
      disk_(disk),
      log_(open(process, disk, config)),
      snapshots_(disk.disk(), kMetadataDir) {
    const RecoveryReport& report = log_.recovery();
    // In a first life there is nothing to recover; later an empty log is news.
    if (log_.leo() > Offset(0) || process.life().incarnation() > 1) {
        process_.emit(LogRecovered{metadata_partition(), report.segments_recovered,
                                   report.truncated_bytes, log_.leo()});
    }
    // Kafka: KafkaMetadataLog.apply. The process ended between installing a snapshot and emptying
    // the log.
    const auto latest = kraft::latest_snapshot(*this);
    if (latest && *latest > kraft::OffsetAndEpoch{last_epoch(), log_.leo()})
        start_at_snapshot(*latest);
}

LeaderEpoch MetadataLog::last_epoch() const {
    return log_.latest_epoch().value_or(LeaderEpoch(0));
}

kraft::OffsetAndEpoch MetadataLog::end_offset_for_epoch(LeaderEpoch epoch) const {
    const auto& entries = log_.epochs().entries();
    if (entries.empty() || epoch > entries.back().epoch)
        return {last_epoch(), log_.leo()};
    if (epoch < entries.front().epoch)
        return {epoch, entries.front().start};
    const auto end = log_.end_offset_for(epoch);
    return {end->epoch, end->end};
}

std::int64_t MetadataLog::size_in_bytes() const {
    return log_.size_bytes();
}

std::optional<kraft::ElectionState> MetadataLog::read_election() const {
    const auto stored = must(read_quorum_state(disk_.disk(), kQuorumStatePath));
    if (!stored)
        return std::nullopt;
    kraft::ElectionState state;
    state.epoch = stored->epoch;
    state.leader = stored->leader;
    if (stored->voted)
        state.voted = kraft::ReplicaKey{*stored->voted, Uuid{}};
    return state;
}

void MetadataLog::write_election(const kraft::ElectionState& state,
                                 const std::vector<BrokerId>& voters) {
    QuorumState stored;
    stored.epoch = state.epoch;
    stored.leader = state.leader;
    if (state.voted)
        stored.voted = state.voted->id;
    stored.voters = voters;
    must(write_quorum_state(disk_.disk(), kQuorumStatePath, stored));
}

void MetadataLog::append(const kraft::LeaderBatch& batch) {
    const SharedBytes bytes = std::visit([](const auto& b) { return encode(b); }, batch);
    const LeaderEpoch epoch = std::visit([](const auto& b) { return b.epoch; }, batch);
    must(log_.append_as_leader(bytes, epoch, process_.wall_now(), AppendOrigin::RaftLeader));
    emit_appended(bytes);
}

void MetadataLog::append_fetched(const SharedBytes& records) {
    must(log_.append_as_follower(records, process_.wall_now()));
    emit_appended(records);
}

void MetadataLog::emit_appended(const SharedBytes& records) {
    wire::BatchReader reader(records.view());
    wire::BatchView batch;
    while (reader.next(batch)) {
        process_.emit(appended_batch(metadata_partition(), batch.header));
    }
}

void MetadataLog::truncate(Offset to) {
    const TruncateInfo info = must(log_.truncate_to(to, process_.wall_now()));
    if (info.truncated)
        process_.emit(LogTruncated{metadata_partition(), info.from, info.to});
}

std::optional<Offset> MetadataLog::flush() {
    if (log_.recovery_point() >= log_.leo())
        return std::nullopt;
    must(log_.flush_up_to(log_.leo()));
    return log_.leo();
}

void MetadataLog::note_flushed(Offset to) {
    process_.emit(LogFlushed{metadata_partition(), to});
}

void MetadataLog::assign_epoch(LeaderEpoch epoch) {
    must(log_.assign_epoch(epoch, log_.leo()));
}

void MetadataLog::start_at_snapshot(const kraft::OffsetAndEpoch& id) {
    const TruncateInfo info =
        must(log_.truncate_fully_and_start_at(id.offset, process_.wall_now()));
    process_.emit(LogTruncated{metadata_partition(), info.from, info.to});
    process_.emit(LogStartAdvanced{metadata_partition(), id.offset, "snapshot"});
    delete_later(log_.take_deleted_files());
    forget_snapshots_before(id);
}

void MetadataLog::install_snapshot(const kraft::OffsetAndEpoch& id) {
    snapshots_.freeze_fetched(id);
    start_at_snapshot(id);
}

void MetadataLog::delete_before_snapshot(const kraft::OffsetAndEpoch& id) {
    if (must(log_.increment_log_start_offset(id.offset)))
        process_.emit(LogStartAdvanced{metadata_partition(), id.offset, "snapshot"});
    forget_snapshots_before(id);
}

void MetadataLog::forget_snapshots_before(const kraft::OffsetAndEpoch& id) {
    delete_later(snapshots_.forget_before(id));
}

void MetadataLog::delete_later(std::vector<std::string> paths) {
    if (paths.empty())
        return;
    process_.after(kFileDeleteDelay, [this, gone = std::move(paths)] {
        for (const std::string& path : gone)
            must(remove_if_exists(disk_.disk(), path));
    });
}

void MetadataLog::close() {
    must(log_.close(LogClose{}));
}

SharedBytes MetadataLog::read(Offset from) const {
    ReadSpec spec;
    spec.from = from;
    spec.max_bytes = static_cast<std::int32_t>(kraft::kMaxBatchBytes);
    spec.upper_bound = log_.leo();
    return must(log_.read(spec)).bytes;
}

void MetadataLog::replay(Offset from,
                         Offset to,
                         const std::function<void(const Batch&)>& take) const {
    while (from < to) {
        const SharedBytes bytes = read(from);
        wire::BatchReader reader(bytes.view());
        wire::BatchView view;
        BSIM_CHECK(!bytes.empty());
        while (from < to && reader.next(view)) {
            if (view.header.last_offset() < from.value())
                continue;
            Batch batch;
            batch.base_offset = Offset(view.header.base_offset);
            batch.last_offset = Offset(view.header.last_offset());
            batch.epoch = LeaderEpoch(view.header.partition_leader_epoch);
            batch.timestamp = WallMs(view.header.max_timestamp);
            batch.bytes = static_cast<std::int64_t>(view.header.size_in_bytes());
            batch.control = view.header.is_control();
            if (!batch.control) {
                const auto read_all = wire::for_each_record(view, [&](const wire::RecordView& r) {
                    auto record = wire::decode_metadata_record(r.value.value_or(ByteView{}));
                    BSIM_CHECK(record.ok());
                    batch.records.push_back(std::move(*record));
                });
                BSIM_CHECK(read_all.ok());
            }
            from = batch.last_offset + 1;
            take(batch);
        }
    }
}

}  // namespace bsim
