#include "sim/storage/log_validator.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/storage/log_file_reader.h"
#include "sim/wire/record_reader.h"

namespace bsim {
namespace {

Err<Refusal> refuse(StorageErrorKind kind, std::string detail) {
    return Err{Refusal{kind, std::move(detail)}};
}

std::optional<Refusal> check_batch(const wire::BatchView& batch, const AnalysisRules& rules) {
    const wire::BatchHeader& header = batch.header;
    const LeaderEpoch epoch(header.partition_leader_epoch);
    if (rules.origin == AppendOrigin::RaftLeader && epoch != rules.leader_epoch) {
        return Refusal{StorageErrorKind::InvalidRecord, "batch without the leader's epoch"};
    }
    if (rules.origin == AppendOrigin::Replication && epoch < LeaderEpoch(0)) {
        return Refusal{StorageErrorKind::InvalidRecord, "replicated batch without an epoch"};
    }
    if (rules.origin == AppendOrigin::Client && header.base_offset != 0) {
        return Refusal{StorageErrorKind::InvalidRecord,
                       fmt::format("base offset {} instead of 0", header.base_offset)};
    }
    if (header.base_offset < 0 || header.base_offset > kHighestBaseOffset ||
        header.last_offset_delta < 0) {
        return Refusal{StorageErrorKind::InvalidRecord, "offsets that cannot be"};
    }
    if (rules.check_size &&
        batch.bytes.size() > static_cast<std::size_t>(rules.max_message_bytes)) {
        return Refusal{StorageErrorKind::MessageTooLarge,
                       fmt::format("batch of {} bytes, allowed are {}", batch.bytes.size(),
                                   rules.max_message_bytes)};
    }
    if (!wire::crc_matches(batch.bytes)) {
        return Refusal{StorageErrorKind::CorruptMessage, "checksum does not match"};
    }
    return {};
}

std::optional<Refusal> check_client_batch(const wire::BatchHeader& header) {
    const std::int64_t count = std::int64_t{header.last_offset_delta} + 1;
    if (count != header.records_count) {
        return Refusal{StorageErrorKind::InvalidRecord,
                       fmt::format("{} records over {} offsets", header.records_count, count)};
    }
    if (header.is_control()) {
        return Refusal{StorageErrorKind::InvalidRecord, "control records from a client"};
    }
    if (header.has_producer_id() && header.base_sequence < 0) {
        return Refusal{StorageErrorKind::InvalidRecord,
                       fmt::format("sequence {} with a producer id", header.base_sequence)};
    }
    return {};
}

// now - timestamp is within [-after_max, before_max]; computed without overflow.
bool is_timely(std::int64_t timestamp, WallMs now, const LogConfig& config) {
    const auto age = static_cast<__int128>(now.value()) - timestamp;
    return age <= config.timestamp_before_max_ms && -age <= config.timestamp_after_max_ms;
}

std::optional<Refusal> check_record(const wire::RecordView& record,
                                    const wire::BatchHeader& header,
                                    const LogConfig& config,
                                    WallMs now) {
    if (config.compact && !record.key) {
        return Refusal{StorageErrorKind::InvalidRecord, "record without a key, topic is compacted"};
    }
    if (config.message_timestamp_type == wire::TimestampType::CreateTime &&
        record.timestamp_ms != wire::kNoTimestamp) {
        if (!is_timely(record.timestamp_ms, now, config)) {
            return Refusal{StorageErrorKind::InvalidTimestamp,
                           fmt::format("timestamp {} at {}", record.timestamp_ms, now.value())};
        }
    } else if (header.timestamp_type() == wire::TimestampType::LogAppendTime) {
        return Refusal{StorageErrorKind::InvalidTimestamp, "LogAppendTime set by a client"};
    }
    return {};
}

// Checks each record; returns the largest timestamp. Among refusals a timestamp's goes first.
Result<WallMs, Refusal> check_records(const wire::BatchView& batch,
                                      const LogConfig& config,
                                      WallMs now) {
    if (batch.header.codec() != wire::Codec::None)
        return WallMs(batch.header.max_timestamp);
    std::int64_t largest = wire::kNoTimestamp;
    std::optional<Refusal> refusal;
    wire::RecordReader reader(batch);
    wire::RecordView record;
    while (reader.next(record)) {
        largest = std::max(largest, record.timestamp_ms);
        auto found = check_record(record, batch.header, config, now);
        if (!found)
            continue;
        if (!refusal || found->kind == StorageErrorKind::InvalidTimestamp)
            refusal = found;
    }
    if (reader.error()) {
        return refuse(StorageErrorKind::InvalidRecord, std::string(describe(*reader.error())));
    }
    if (refusal)
        return Err{*refusal};
    return WallMs(largest);
}

}  // namespace

Result<AppendAnalysis, Refusal> analyze_records(ByteView records, const AnalysisRules& rules) {
    AppendAnalysis analysis;
    wire::BatchReader reader(records);
    wire::BatchView batch;
    Offset last(-1);
    bool rising = true;
    while (reader.next(batch)) {
        if (auto refusal = check_batch(batch, rules))
            return Err{*refusal};
        const wire::BatchHeader& header = batch.header;
        if (analysis.batches == 0) {
            analysis.first_offset = Offset(header.base_offset);
            analysis.last_offset_of_first_batch = Offset(header.last_offset());
        }
        if (last >= Offset(header.last_offset()))
            rising = false;
        last = Offset(header.last_offset());
        if (WallMs(header.max_timestamp) > analysis.max_timestamp) {
            analysis.max_timestamp = WallMs(header.max_timestamp);
            analysis.offset_of_max_timestamp = last;
        }
        ++analysis.batches;
        analysis.records += header.records_count;
    }
    if (reader.error()) {
        return refuse(StorageErrorKind::CorruptMessage, std::string(describe(*reader.error())));
    }
    if (rules.require_rising && !rising) {
        return refuse(StorageErrorKind::OffsetsOutOfOrder, "offsets do not rise in the set");
    }
    if (analysis.batches > 0) {
        analysis.last_offset = last;
        analysis.last_header = batch.header;
        const LeaderEpoch epoch(batch.header.partition_leader_epoch);
        if (epoch >= LeaderEpoch(0))
            analysis.last_leader_epoch = epoch;
    }
    analysis.valid_bytes = static_cast<std::int64_t>(reader.position());
    return analysis;
}

Result<StampedBatch, Refusal> validate_and_stamp(ByteView records,
                                                 const AppendAnalysis& analysis,
                                                 const LogConfig& config,
                                                 const Stamping& stamping) {
    if (analysis.batches != 1) {
        return refuse(StorageErrorKind::InvalidRecord,
                      fmt::format("{} batches instead of one", analysis.batches));
    }
    const wire::BatchHeader& header = analysis.last_header;
    if (header.records_count <= 0) {
        return refuse(StorageErrorKind::InvalidRecord, "batch without records");
    }
    if (stamping.origin == AppendOrigin::Client) {
        if (auto refusal = check_client_batch(header))
            return Err{*refusal};
    }
    const ByteView bytes = records.first(header.size_in_bytes());
    BSIM_TRY(WallMs max_timestamp, check_records({header, bytes}, config, stamping.now));

    StampedBatch stamped;
    if (config.message_timestamp_type == wire::TimestampType::LogAppendTime) {
        max_timestamp = stamping.now;
        stamped.log_append_time = stamping.now;
    }
    stamped.first_offset = stamping.base_offset;
    stamped.last_offset = stamping.base_offset + (header.records_count - 1);
    stamped.max_timestamp = max_timestamp;
    std::copy_n(bytes.begin(), stamped.header.size(), stamped.header.begin());
    const Offset base = stamped.last_offset + -std::int64_t{header.last_offset_delta};
    wire::stamp(stamped.header, {base.value(), stamping.leader_epoch.value()});
    stamped.crc = wire::set_max_timestamp(stamped.header, bytes.subspan(stamped.header.size()),
                                          config.message_timestamp_type, max_timestamp.value());
    return stamped;
}

}  // namespace bsim
