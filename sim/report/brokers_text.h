#pragma once
// `brokersim brokers describe`: a line a broker, at a moment of a stored run. Kafka has no tool
// that shows this; the table is laid out as those of kafka-consumer-groups.sh are.
//
//   EPOCH        of the registration, "-" before the first
//   STATE        Unregistered, Fenced, Unfenced, ControlledShutdown: what the controller has
//   PROCESS      up, paused, down: what it does not know
//   LEADERS      partitions that it leads, by the controller's word
//   REPLICAS     partitions that it is assigned to
//   OUT-OF-SYNC  those of them in whose ISR it is not
//   SIZE         bytes in its logs, as the events tell

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "sim/report/cluster_at.h"

namespace bsim {

std::string describe_brokers(const ClusterAt& cluster);
nlohmann::ordered_json describe_brokers_json(const ClusterAt& cluster);

}  // namespace bsim
