#pragma once
// Topics that brokers keep for themselves. Source: org.apache.kafka.common.internals.Topic.

#include <string_view>

namespace bsim {

inline constexpr std::string_view kOffsetsTopic = "__consumer_offsets";
inline constexpr std::string_view kTransactionTopic = "__transaction_state";

constexpr bool is_internal_topic(std::string_view topic) {
    return topic == kOffsetsTopic || topic == kTransactionTopic;
}

}  // namespace bsim
