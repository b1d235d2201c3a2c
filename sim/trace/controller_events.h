#pragma once
// Events that the active controller emits, when the change they tell of is committed.
// Who emits what and when: TRACE.md, table of kinds.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/uuid.h"
#include "sim/model/ids.h"
#include "sim/trace/attributes.h"

namespace bsim {

struct ControllerElected {
    LeaderEpoch epoch;
    BSIM_EVENT(ControllerElected, epoch);
};

struct ControllerResigned {
    LeaderEpoch epoch;
    BSIM_EVENT(ControllerResigned, epoch);
};

struct BrokerRegistered {
    BrokerId broker;
    BrokerEpoch broker_epoch;
    BSIM_EVENT(BrokerRegistered, broker, broker_epoch);
};

struct BrokerFenced {
    BrokerId broker;
    BrokerEpoch broker_epoch;
    std::string why;
    BSIM_EVENT(BrokerFenced, broker, broker_epoch, why);
};

struct BrokerUnfenced {
    BrokerId broker;
    BrokerEpoch broker_epoch;
    std::string why;
    BSIM_EVENT(BrokerUnfenced, broker, broker_epoch, why);
};

struct TopicCreated {
    std::string topic;
    Uuid topic_id;
    std::int32_t partitions = 0;
    BSIM_EVENT(TopicCreated, topic, topic_id, partitions);
};

struct TopicDeleted {
    std::string topic;
    Uuid topic_id;
    std::int32_t partitions = 0;
    BSIM_EVENT(TopicDeleted, topic, topic_id, partitions);
};

// The whole state of a partition after the change; one event a change. The first one of a partition
// has the reason `created`. `isr` stands in the controller's order.
struct PartitionChanged {
    TopicPartition p;
    std::optional<BrokerId> leader;
    LeaderEpoch leader_epoch;
    PartitionEpoch partition_epoch;
    std::vector<BrokerId> isr;
    std::vector<BrokerId> elr;
    std::vector<BrokerId> last_known_elr;
    std::vector<BrokerId> replicas;
    std::vector<BrokerId> adding;
    std::vector<BrokerId> removing;
    bool recovering = false;
    std::string reason;
    BSIM_EVENT(PartitionChanged,
               p,
               leader,
               leader_epoch,
               partition_epoch,
               isr,
               elr,
               last_known_elr,
               replicas,
               adding,
               removing,
               recovering,
               reason);
};

// Comes right after the PartitionChanged that gives the partition another leader (`from` is -1 when
// it had none); neither at creation nor when the leader is lost. `clean` is false when the new
// leader came from outside the ISR (and ELR): acknowledged records may vanish.
struct LeaderElected {
    TopicPartition p;
    std::optional<BrokerId> from;
    BrokerId to;
    LeaderEpoch epoch;
    std::vector<BrokerId> isr;
    bool clean = true;
    BSIM_EVENT(LeaderElected, p, from, to, epoch, isr, clean);
};

}  // namespace bsim
