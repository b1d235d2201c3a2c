#pragma once
// Tells whether a message is one that a MessageFilter means, from what the message says about
// itself field by field.
//
// - `api` is Kafka's name of the RPC, `of` says request, response or both. nth and count are not
//   looked at here: a MessageRule counts.
// - match "partition": "orders-0": the message names this partition, anywhere, by the topic's name
//   or by its id. It is enough that one of the partitions that it names is this one.
// - match of any other name: a field of this name, in Kafka's spelling, has this value, at any
//   depth of the message; one is enough. Numbers as decimals, true and false, ids as Kafka prints
//   them. A field that the message's version does not have matches nothing.
// All entries of `match` must be met, each by whatever part of the message.

#include <functional>
#include <optional>
#include <string>

#include "sim/base/uuid.h"
#include "sim/model/message_filter.h"
#include "sim/network/rules.h"

namespace bsim {

// The name of the topic with this id, if the simulator knows it.
using TopicNameOf = std::function<std::optional<std::string>(const Uuid&)>;

// `topic_name` may be empty: then partitions are known by name only.
MessageMatcher make_matcher(const MessageFilter& filter, TopicNameOf topic_name);

}  // namespace bsim
