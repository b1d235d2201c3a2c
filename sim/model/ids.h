#pragma once
// The identifiers and positions that every layer above the wire speaks of.

#include <compare>
#include <cstdint>
#include <string>

#include "sim/base/strong.h"
#include "sim/base/uuid.h"

namespace bsim {

using BrokerId = Strong<struct BrokerIdTag, std::int32_t>;  // also a KRaft node's id
using PartitionIndex = Strong<struct PartitionIndexTag, std::int32_t>;
using LeaderEpoch = Strong<struct LeaderEpochTag, std::int32_t>;  // also the Raft epoch
using PartitionEpoch = Strong<struct PartitionEpochTag, std::int32_t>;
using BrokerEpoch = Strong<struct BrokerEpochTag, std::int64_t>;
using ProducerId = Strong<struct ProducerIdTag, std::int64_t>;
using ProducerEpoch = Strong<struct ProducerEpochTag, std::int16_t>;
using GenerationId = Strong<struct GenerationIdTag, std::int32_t>;  // of a group; -1 for none
using Incarnation = Strong<struct IncarnationTag, std::int32_t>;    // 1 for the first start

// A position in a log. "Next to write" where it names an end (LEO, high watermark), so that
// hw == leo means that all is committed.
class Offset {
  public:
    constexpr Offset() = default;
    explicit constexpr Offset(std::int64_t value) : value_(value) {}
    constexpr std::int64_t value() const { return value_; }
    constexpr auto operator<=>(const Offset&) const = default;
    constexpr Offset operator+(std::int64_t count) const { return Offset(value_ + count); }
    constexpr std::int64_t operator-(Offset other) const { return value_ - other.value_; }

  private:
    std::int64_t value_ = 0;
};

struct TopicPartition {
    std::string topic;
    PartitionIndex partition;

    auto operator<=>(const TopicPartition&) const = default;
    std::string to_string() const { return topic + "-" + std::to_string(partition.value()); }
};

struct TopicIdPartition {
    Uuid topic_id;
    PartitionIndex partition;

    auto operator<=>(const TopicIdPartition&) const = default;
};

}  // namespace bsim
