#include "sim/app/dump_log/state_dump.h"

#include <fmt/format.h>

#include "sim/app/dump_log/stopped.h"
#include "sim/base/crc32c.h"

namespace bsim::dump_log {
namespace {

constexpr std::size_t kAbortedTxnSize = 34;
constexpr std::int16_t kSnapshotVersion = 1;
constexpr std::size_t kSnapshotBodyAt = 6;
constexpr std::size_t kProducerSize = 46;

std::vector<NamedNumber> take_aborted_txn(ByteReader& in, const std::string& path) {
    // The version has two bytes, of which the tool reads the first as a number.
    const std::int8_t version = in.take_i8();
    in.take_i8();
    if (version > 0) {
        throw Stopped(
            fmt::format("version {} of an aborted transaction in {}", int{version}, path));
    }
    std::vector<NamedNumber> numbers{{"version", version}};
    for (const char* name : {"producerId", "firstOffset", "lastOffset", "lastStableOffset"})
        numbers.emplace_back(name, in.take_i64());
    return numbers;
}

std::int32_t wrapping_subtract(std::int32_t a, std::int32_t b) {
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(a) - static_cast<std::uint32_t>(b));
}

// Sequences wrap: before 0 comes 2147483647.
std::int32_t decrement_sequence(std::int32_t sequence, std::int32_t decrement) {
    if (sequence >= decrement)
        return wrapping_subtract(sequence, decrement);
    const std::int32_t below = wrapping_subtract(decrement, sequence);
    return wrapping_subtract(wrapping_subtract(INT32_MAX, below), -1);
}

ProducerLine take_producer(ByteReader& in) {
    ProducerLine line;
    line.producer_id = in.take_i64();
    line.producer_epoch = in.take_i16();
    ProducerLine::LastBatch batch;
    batch.last_sequence = in.take_i32();
    batch.last_offset = in.take_i64();
    batch.offset_delta = in.take_i32();
    batch.timestamp = in.take_i64();
    batch.first_sequence = decrement_sequence(batch.last_sequence, batch.offset_delta);
    if (batch.last_offset >= 0)
        line.last_batch = batch;
    line.last_timestamp = batch.timestamp;
    line.coordinator_epoch = in.take_i32();
    const std::int64_t txn_first_offset = in.take_i64();
    if (txn_first_offset >= 0)
        line.txn_first_offset = txn_first_offset;
    return line;
}

// Where the entries start, or why there are none: the checks of readSnapshot, in its order.
struct SnapshotEntries {
    std::int32_t count = 0;
    std::string corrupt{};
};
SnapshotEntries take_snapshot_head(ByteReader& in, ByteView bytes) {
    const std::int16_t version = in.take_i16();
    const std::uint32_t crc = in.take_u32();
    const std::int32_t count = in.take_i32();
    if (in.failed())
        return {0, "the file is too short"};
    if (count < 0)
        return {0, fmt::format("it announces {} entries", count)};
    if (in.remaining() / kProducerSize < static_cast<std::size_t>(count)) {
        return {0,
                fmt::format("it announces {} entries, and {} bytes follow", count, in.remaining())};
    }
    if (version != kSnapshotVersion)
        return {0, fmt::format("its version is {}", version)};
    const std::uint32_t computed = crc32c(bytes.subspan(kSnapshotBodyAt));
    if (crc != computed)
        return {0, fmt::format("the stored CRC is {}, the computed one {}", crc, computed)};
    return {count, {}};
}

}  // namespace

void dump_transaction_index(const InputFile& file, Session& session) {
    // A name that tells no offset is what to complain about first.
    static_cast<void>(file.base_offset());
    const std::vector<std::uint8_t> bytes = file.read();
    ByteReader in(bytes);
    // All are read before any is shown.
    std::vector<std::vector<NamedNumber>> entries;
    while (in.remaining() >= kAbortedTxnSize)
        entries.push_back(take_aborted_txn(in, file.path()));
    for (const auto& entry : entries)
        session.writer.entry(entry);
}

void dump_producer_snapshot(const InputFile& file, Session& session) {
    const std::vector<std::uint8_t> bytes = file.read();
    ByteReader in(bytes);
    const SnapshotEntries entries = take_snapshot_head(in, bytes);
    if (!entries.corrupt.empty()) {
        return session.complaints.tell(
            fmt::format("Snapshot {} is corrupt: {}", file.path(), entries.corrupt));
    }
    for (std::int32_t i = 0; i < entries.count; ++i)
        session.writer.producer(take_producer(in));
}

}  // namespace bsim::dump_log
