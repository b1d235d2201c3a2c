#pragma once
// Subscriptions and assignments as the bytes that JoinGroup and SyncGroup carry and that the
// coordinator stores unread: i16 version, then ConsumerProtocolSubscription or -Assignment.
//   version  0                    1                    2              3
//   adds     topics, user data    owned partitions     generation     rack
// A version newer than 3 is read as 3: new versions only append.
// Errors: ConsumerProtocolError when bytes are no such thing; nothing is thrown.
// Source: ConsumerProtocol.

#include <cstdint>
#include <string_view>
#include <vector>

#include "sim/base/bytes.h"
#include "sim/base/result.h"
#include "sim/protocol/rules/assignors/subscription.h"

namespace bsim::group {

inline constexpr std::string_view kConsumerProtocolType = "consumer";
inline constexpr std::int16_t kConsumerProtocolVersion = 3;  // what 3.9 writes

enum class ConsumerProtocolError : std::uint8_t { NoVersion, UnsupportedVersion, BadBody };
std::string_view describe(ConsumerProtocolError error);

// `version` >= 0. Topics and owned partitions are written in order, whatever order they stand in.
std::vector<std::uint8_t> encode_subscription(const Subscription& subscription,
                                              std::int16_t version);
Result<Subscription, ConsumerProtocolError> decode_subscription(ByteView bytes);

// The partitions of a topic stand together, where its first one stood.
std::vector<std::uint8_t> encode_assignment(const Assignment& assignment, std::int16_t version);
Result<Assignment, ConsumerProtocolError> decode_assignment(ByteView bytes);

}  // namespace bsim::group
