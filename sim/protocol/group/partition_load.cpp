#include "sim/protocol/group/partition_load.h"

#include <variant>

#include "sim/wire/control_record.h"

namespace bsim::group {

void PartitionLoad::read(ByteView batches) {
    wire::BatchReader reader(batches);
    wire::BatchView batch;
    while (reader.next(batch)) {
        batch.header.is_control() ? end_transaction(batch) : read_batch(batch);
    }
}

void PartitionLoad::end_transaction(const wire::BatchView& batch) {
    wire::RecordReader reader(batch);
    wire::RecordView record;
    if (!reader.next(record) || !record.key)
        return;
    auto node = open_.extract(ProducerId(batch.header.producer_id));
    if (node.empty() || wire::parse_control_key(*record.key) != wire::ControlType::Commit)
        return;
    for (const auto& [key, committed] : node.mapped()) {
        const auto known = offsets_.find(key);
        if (known == offsets_.end() || known->second.batch < committed.batch)
            offsets_.insert_or_assign(key, committed);
    }
}

void PartitionLoad::read_batch(const wire::BatchView& batch) {
    wire::RecordReader reader(batch);
    wire::RecordView record;
    std::optional<Offset> first;
    while (reader.next(record)) {
        if (!first)
            first = Offset(record.offset);
        if (!record.key)
            continue;
        const RecordKey key = decode_key(*record.key);
        if (const auto* offset = std::get_if<OffsetKey>(&key)) {
            read_offset(batch.header, *first, *offset, record);
        } else if (const auto* group = std::get_if<GroupKey>(&key)) {
            auto value = record.value ? decode_group_value(*record.value) : std::nullopt;
            if (value) {
                groups_.insert_or_assign(group->group, std::move(*value));
            } else {
                groups_.erase(group->group);
            }
        }
    }
}

void PartitionLoad::read_offset(const wire::BatchHeader& batch,
                                Offset first,
                                const OffsetKey& key,
                                const wire::RecordView& record) {
    auto& into = batch.is_transactional() ? open_[ProducerId(batch.producer_id)] : offsets_;
    const auto value = record.value ? decode_offset_value(*record.value) : std::nullopt;
    if (value) {
        into.insert_or_assign(key, CommittedOffset{first, *value});
    } else {
        into.erase(key);
    }
}

std::map<std::string, PartitionLoad::LoadedGroup> PartitionLoad::take_groups() {
    std::map<std::string, LoadedGroup> out;
    for (auto& [id, metadata] : groups_)
        out[id].metadata = std::move(metadata);
    for (const auto& [key, committed] : offsets_)
        out[key.group].offsets.emplace(key.partition, committed);
    for (const auto& [producer, offsets] : open_) {
        for (const auto& [key, committed] : offsets)
            out[key.group].open[producer].insert(key.partition);
    }
    forget();
    return out;
}

}  // namespace bsim::group
