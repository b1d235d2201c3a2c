#include "sim/protocol/kraft/batch_accumulator.h"

#include <utility>

#include "sim/base/check.h"
#include "sim/base/varint.h"

namespace bsim::kraft {

namespace {

constexpr std::int64_t kBatchHeaderBytes = 61;

// Length, attributes, timestamp delta 0, offset delta, null key, value with its length, no headers.
std::int64_t record_bytes(std::int64_t offset_delta, const SharedBytes& value) {
    const auto value_bytes = static_cast<std::int64_t>(value.size());
    const auto varint = [](std::int64_t n) { return static_cast<std::int64_t>(varlong_size(n)); };
    const std::int64_t body =
        1 + 1 + varint(offset_delta) + 1 + varint(value_bytes) + value_bytes + 1;
    return varint(body) + body;
}

}  // namespace

BatchAccumulator::BatchAccumulator(LeaderEpoch epoch, Offset base, SimDuration linger)
    : epoch_(epoch), linger_(linger), next_offset_(base) {}

void BatchAccumulator::append(const std::vector<SharedBytes>& values, SimTime now, WallMs wall) {
    BSIM_CHECK(!values.empty());
    const auto bytes_after = [&values](std::size_t records_before) {
        std::int64_t sum = 0;
        auto delta = static_cast<std::int64_t>(records_before);
        for (const SharedBytes& value : values)
            sum += record_bytes(delta++, value);
        return sum;
    };
    std::int64_t bytes = bytes_after(open_ ? open_->values.size() : 0);
    if (open_ && open_bytes_ + bytes > kMaxBatchBytes) {
        close_open();
        bytes = bytes_after(0);
    }
    if (!open_) {
        open_ = RecordsBatch{next_offset_, epoch_, wall, {}};
        open_bytes_ = kBatchHeaderBytes;
    }
    BSIM_CHECK(open_bytes_ + bytes <= kMaxBatchBytes);
    open_->values.insert(open_->values.end(), values.begin(), values.end());
    open_bytes_ += bytes;
    next_offset_ = next_offset_ + static_cast<std::int64_t>(values.size());
    if (!linger_until_)
        linger_until_ = now + linger_;
}

void BatchAccumulator::append_leader_change(LeaderChangeBatch change) {
    if (open_)
        close_open();
    linger_until_.reset();
    change.base = next_offset_;
    change.epoch = epoch_;
    complete_.emplace_back(std::move(change));
    next_offset_ = next_offset_ + 1;
}

std::optional<SimTime> BatchAccumulator::drain_at() const {
    if (!complete_.empty())
        return SimTime{};
    return linger_until_;
}

std::vector<LeaderBatch> BatchAccumulator::drain() {
    if (open_)
        close_open();
    linger_until_.reset();
    return std::exchange(complete_, {});
}

void BatchAccumulator::close_open() {
    complete_.emplace_back(*std::exchange(open_, std::nullopt));
    open_bytes_ = 0;
}

}  // namespace bsim::kraft
