#include "tests/bench/storage_batches.h"

#include <algorithm>

#include "sim/wire/batch_builder.h"

namespace bsim::bench {
namespace {

constexpr std::int64_t kFirstTimestamp = 1'700'000'000'000;

// The longest value with which the batch stays within its size.
std::size_t longest_value(const wire::BatchBuilder& builder,
                          std::int64_t timestamp,
                          ByteView payload) {
    std::size_t size = payload.size();
    while (builder.size() + builder.size_of_next({timestamp, {}, payload.first(size), {}}) >
           kBatchBytes) {
        --size;
    }
    return size;
}

}  // namespace

Batches make_batches(std::size_t count, std::size_t record_bytes) {
    Batches batches;
    const std::vector<std::uint8_t> payload(2 * record_bytes + 64, 'x');
    std::int32_t sequence = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const std::int64_t timestamp = kFirstTimestamp + static_cast<std::int64_t>(i);
        wire::BatchBuilder builder(
            {.producer_id = 1, .producer_epoch = 0, .base_sequence = sequence});
        const ByteView value = ByteView(payload).first(record_bytes);
        // The room that is left behind the last of them is above one record's and below two's.
        while (builder.size() + 2 * builder.size_of_next({timestamp, {}, value, {}}) <= kBatchBytes)
            builder.append({timestamp, {}, value, {}});
        const ByteView last = ByteView(payload).first(longest_value(builder, timestamp, payload));
        builder.append({timestamp, {}, last, {}});
        BSIM_CHECK(builder.size() == kBatchBytes);
        sequence += builder.count();
        batches.emplace_back(builder.build());
    }
    return batches;
}

Batches make_fetched(const Batches& batches, std::size_t per_set) {
    Batches sets;
    std::int64_t offset = 0;
    for (std::size_t i = 0; i < batches.size(); i += per_set) {
        std::vector<std::uint8_t> set;
        set.reserve(per_set * kBatchBytes);
        for (std::size_t j = i; j < std::min(i + per_set, batches.size()); ++j) {
            const ByteView bytes = batches[j].view();
            const std::size_t at = set.size();
            set.insert(set.end(), bytes.begin(), bytes.end());
            wire::stamp(std::span(set).subspan(at), {offset, 1});
            offset += wire::parse_batch_header(bytes)->records_count;
        }
        sets.emplace_back(std::move(set));
    }
    return sets;
}

}  // namespace bsim::bench
