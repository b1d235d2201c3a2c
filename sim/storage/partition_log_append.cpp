#include <algorithm>
#include <fmt/format.h>

#include "sim/storage/partition_log.h"

namespace bsim {

StorageError PartitionLog::refused(const Refusal& refusal) const {
    return StorageError{refusal.kind, dir_, refusal.detail};
}

Stored<AppendInfo> PartitionLog::append_as_leader(const SharedBytes& records,
                                                  LeaderEpoch epoch,
                                                  WallMs now,
                                                  AppendOrigin origin) {
    AnalysisRules rules;
    rules.origin = origin;
    rules.leader_epoch = epoch;
    rules.max_message_bytes = config_.max_message_bytes;
    if (origin == AppendOrigin::RaftLeader) {
        rules.require_rising = true;
        return append_given(records, rules, now);
    }
    const auto analysis = analyze_records(records.view(), rules);
    if (!analysis.ok())
        return Err{refused(analysis.error())};
    const auto stamped =
        validate_and_stamp(records.view(), *analysis, config_, {leo_, epoch, now, origin});
    if (!stamped.ok())
        return Err{refused(stamped.error())};

    const auto size = static_cast<std::size_t>(analysis->valid_bytes);
    SegmentAppend set;
    set.head = stamped->header;
    set.tail = records.view().subspan(set.head.size(), size - set.head.size());
    set.first_offset = stamped->first_offset;
    set.last_offset = stamped->last_offset;
    set.last_offset_of_first_batch = stamped->last_offset;
    set.max_timestamp = stamped->max_timestamp;
    set.offset_of_max_timestamp = stamped->last_offset;

    AppendInfo info;
    info.log_append_time = stamped->log_append_time;
    info.last_leader_epoch = epoch;
    info.records = analysis->records;
    info.batches = 1;
    info.crc = stamped->crc;

    // In Kafka's order: the epoch is noted and the segment rolled before the producer's sequence
    // is looked at, so that a refused batch may leave both behind.
    BSIM_TRY_VOID(epochs_.assign(epoch, set.first_offset));
    BSIM_TRY_VOID(maybe_roll(set, now, info));
    ProducerChanges changes;
    const wire::BatchView batch{analysis->last_header, records.view().first(size)};
    if (batch.header.has_producer_id()) {
        if (origin == AppendOrigin::Client) {
            const ProducerEntry* known = producers_.find(ProducerId(batch.header.producer_id));
            const auto original =
                known != nullptr ? known->find_duplicate(batch.header) : std::nullopt;
            if (original) {
                info.duplicate = true;
                info.first_offset = original->first_offset();
                info.last_offset = original->last_offset;
                info.log_append_time = original->timestamp;
                return info;
            }
        }
        BSIM_TRY_VOID(take_producer(batch, origin, set.first_offset, changes));
    }
    BSIM_TRY_VOID(write_set(set, changes, info));
    return info;
}

Stored<AppendInfo> PartitionLog::append_as_follower(const SharedBytes& records, WallMs now) {
    AnalysisRules rules;
    rules.origin = AppendOrigin::Replication;
    rules.check_size = false;
    rules.require_rising = true;
    return append_given(records, rules, now);
}

Stored<AppendInfo> PartitionLog::append_given(const SharedBytes& records,
                                              const AnalysisRules& rules,
                                              WallMs now) {
    const auto analysis = analyze_records(records.view(), rules);
    if (!analysis.ok())
        return Err{refused(analysis.error())};
    AppendInfo info;
    info.first_offset = leo_;
    info.last_offset = leo_ + -1;
    if (analysis->valid_bytes == 0)
        return info;
    if (analysis->first_offset < leo_) {
        return Err{refused({StorageErrorKind::UnexpectedAppendOffset,
                            fmt::format("first offset {} is below the log end {}",
                                        analysis->first_offset.value(), leo_.value())})};
    }
    SegmentAppend set;
    set.head = records.view().first(static_cast<std::size_t>(analysis->valid_bytes));
    set.first_offset = analysis->first_offset;
    set.last_offset = analysis->last_offset;
    set.last_offset_of_first_batch = analysis->last_offset_of_first_batch;
    set.max_timestamp = analysis->max_timestamp;
    set.offset_of_max_timestamp = analysis->offset_of_max_timestamp;
    set.single_batch = analysis->batches == 1;

    info.last_leader_epoch = analysis->last_leader_epoch;
    info.records = analysis->records;
    info.batches = analysis->batches;
    info.crc = analysis->last_header.crc;

    ProducerChanges changes;
    BSIM_TRY_VOID(take_epochs_and_producers(set.head, rules.origin, changes));
    BSIM_TRY_VOID(maybe_roll(set, now, info));
    BSIM_TRY_VOID(write_set(set, changes, info));
    return info;
}

Stored<Done> PartitionLog::take_epochs_and_producers(ByteView records,
                                                     AppendOrigin origin,
                                                     ProducerChanges& changes) {
    wire::BatchReader reader(records);
    wire::BatchView batch;
    while (reader.next(batch)) {
        if (batch.header.partition_leader_epoch != wire::kNoLeaderEpoch) {
            BSIM_TRY_VOID(epochs_.assign(LeaderEpoch(batch.header.partition_leader_epoch),
                                         Offset(batch.header.base_offset)));
        }
        if (batch.header.has_producer_id()) {
            BSIM_TRY_VOID(take_producer(batch, origin, Offset(batch.header.base_offset), changes));
        }
    }
    return Done{};
}

Stored<Done> PartitionLog::take_producer(const wire::BatchView& batch,
                                         AppendOrigin origin,
                                         Offset first_offset,
                                         ProducerChanges& changes) const {
    const ProducerId producer(batch.header.producer_id);
    auto found = std::find_if(changes.updates.begin(), changes.updates.end(),
                              [&](const auto& update) { return update.producer() == producer; });
    if (found == changes.updates.end()) {
        changes.updates.push_back(producers_.prepare(producer, origin));
        found = std::prev(changes.updates.end());
    }
    const auto completed = found->append(batch.header, batch.bytes, first_offset);
    if (!completed.ok())
        return Err{refused(completed.error())};
    if (*completed)
        changes.completed.push_back(**completed);
    return Done{};
}

Stored<Done> PartitionLog::maybe_roll(const SegmentAppend& set, WallMs now, AppendInfo& info) {
    if (set.bytes() > config_.segment_bytes) {
        return Err{refused({StorageErrorKind::RecordListTooLarge,
                            fmt::format("set of {} bytes, a segment has {}", set.bytes(),
                                        config_.segment_bytes)})};
    }
    BSIM_TRY(const bool roll, segments_.active().should_roll(
                                  {set.max_timestamp, set.last_offset, set.bytes(), now}, config_));
    if (!roll)
        return Done{};
    BSIM_TRY(LogSegment * segment, roll_at(set.first_offset, now));
    info.rolled = segment->base_offset();
    return Done{};
}

Stored<Done> PartitionLog::write_set(const SegmentAppend& set,
                                     const ProducerChanges& changes,
                                     AppendInfo& info) {
    LogSegment& segment = segments_.active();
    info.first_offset = set.first_offset;
    info.last_offset = set.last_offset;
    info.max_timestamp = set.max_timestamp;
    info.offset_of_max_timestamp = set.offset_of_max_timestamp;
    info.bytes = set.bytes();
    info.segment_base = segment.base_offset();
    info.position = segment.size();
    BSIM_TRY_VOID(segment.append(set));
    set_leo(set.last_offset + 1);
    update_hw_with_leo();
    for (const ProducerAppend& update : changes.updates)
        producers_.update(update);
    for (const CompletedTxn& txn : changes.completed) {
        if (txn.aborted) {
            BSIM_TRY_VOID(segment.append_aborted({txn.producer, txn.first_offset, txn.last_offset,
                                                  producers_.last_stable_offset_after(txn)}));
        }
        producers_.complete(txn);
    }
    producers_.set_map_end(leo_);
    return Done{};
}

}  // namespace bsim
