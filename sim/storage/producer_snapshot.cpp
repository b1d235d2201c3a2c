#include "sim/storage/producer_snapshot.h"

#include <algorithm>

#include "sim/base/crc32c.h"

namespace bsim {
namespace {

constexpr std::int16_t kVersion = 1;
constexpr std::size_t kCrcAt = 2;
constexpr std::size_t kBodyAt = 6;
constexpr std::size_t kEntrySize = 46;

// Long.hashCode, then HashMap's spreading, then the slot in a table of `capacity`, a power of two.
std::uint32_t java_bucket(ProducerId producer, std::uint32_t capacity) {
    const auto bits = static_cast<std::uint64_t>(producer.value());
    const auto hash = static_cast<std::uint32_t>(bits ^ (bits >> 32U));
    return (hash ^ (hash >> 16U)) & (capacity - 1);
}

// A table starts with 16 slots and doubles when more than three quarters are taken.
std::uint32_t java_capacity(std::size_t count) {
    std::uint32_t capacity = 16;
    while (count > std::size_t{capacity} * 3 / 4)
        capacity *= 2;
    return capacity;
}

using Item = const ProducerMap::value_type*;

std::vector<Item> java_order(const ProducerMap& producers) {
    const std::uint32_t capacity = java_capacity(producers.size());
    std::vector<Item> items;
    items.reserve(producers.size());
    for (const auto& item : producers)
        items.push_back(&item);
    std::stable_sort(items.begin(), items.end(), [&](Item a, Item b) {
        return java_bucket(a->first, capacity) < java_bucket(b->first, capacity);
    });
    return items;
}

}  // namespace

std::vector<std::uint8_t> encode_producer_snapshot(const ProducerMap& producers) {
    ByteWriter out;
    out.reserve(kBodyAt + 4 + producers.size() * kEntrySize);
    out.put_i16(kVersion);
    out.put_u32(0);
    out.put_i32(static_cast<std::int32_t>(producers.size()));
    for (const Item item : java_order(producers)) {
        const auto& [producer, entry] = *item;
        const bool known = entry.has_batches();
        const ProducerBatch last = known ? entry.batch(entry.batch_count() - 1) : ProducerBatch{};
        out.put_i64(producer.value());
        out.put_i16(entry.epoch);
        out.put_i32(known ? last.last_sequence : -1);
        out.put_i64(known ? last.last_offset.value() : -1);
        out.put_i32(known ? last.offset_delta : 0);
        out.put_i64(entry.last_timestamp.value());
        out.put_i32(entry.coordinator_epoch);
        out.put_i64(entry.txn_first_offset ? entry.txn_first_offset->value() : -1);
    }
    std::vector<std::uint8_t> bytes = out.take();
    store_be(&bytes[kCrcAt], crc32c(ByteView(bytes).subspan(kBodyAt)));
    return bytes;
}

std::optional<ProducerMap> decode_producer_snapshot(ByteView bytes) {
    ByteReader in(bytes);
    const std::int16_t version = in.take_i16();
    const std::uint32_t crc = in.take_u32();
    if (in.failed() || version != kVersion || crc != crc32c(bytes.subspan(kBodyAt)))
        return {};
    const std::int32_t count = in.take_i32();
    if (in.failed() || count < 0 || in.remaining() / kEntrySize < static_cast<std::size_t>(count)) {
        return {};
    }
    ProducerMap producers;
    for (std::int32_t i = 0; i < count; ++i) {
        const ProducerId producer(in.take_i64());
        ProducerEntry entry;
        const std::int16_t epoch = in.take_i16();
        ProducerBatch batch;
        batch.last_sequence = in.take_i32();
        batch.last_offset = Offset(in.take_i64());
        batch.offset_delta = in.take_i32();
        batch.timestamp = WallMs(in.take_i64());
        entry.epoch = epoch;
        if (batch.last_offset >= Offset(0))
            entry.add_batch(epoch, batch);
        entry.last_timestamp = batch.timestamp;
        entry.coordinator_epoch = in.take_i32();
        const std::int64_t txn_first = in.take_i64();
        if (txn_first >= 0)
            entry.txn_first_offset = Offset(txn_first);
        producers.insert_or_assign(producer, entry);
    }
    return producers;
}

}  // namespace bsim
