#pragma once
// Identifiers that only clients speak of.

#include <cstdint>
#include <string>

#include "sim/base/strong.h"

namespace bsim::client {

// A peer as a client numbers it: a broker's id, or a negative number for the entries of
// bootstrap.servers (-1 for the first), which Kafka's client keeps apart from the brokers behind
// them. Source: org.apache.kafka.common.Node, Cluster.bootstrap.
using NodeId = Strong<struct ClientNodeIdTag, std::int32_t>;

// One attempt to connect. A later attempt to the same node has another number, so that news about
// a connection given up long ago cannot be taken for news about the present one.
using ConnectionId = Strong<struct ClientConnectionIdTag, std::int64_t>;

// Names a record for whoever hands it to the producer and wants to hear what became of it.
using RecordId = Strong<struct RecordIdTag, std::uint64_t>;

// A batch inside one producer.
using BatchId = Strong<struct BatchIdTag, std::int64_t>;

struct Endpoint {
    std::string host;
    std::int32_t port = 0;

    bool operator==(const Endpoint&) const = default;
};

}  // namespace bsim::client
