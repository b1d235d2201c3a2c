#include "sim/metrics/registry.h"

#include "sim/metrics/broker_topics.h"
#include "sim/metrics/cluster_partition.h"
#include "sim/metrics/consumer_groups.h"
#include "sim/metrics/consumer_lag.h"
#include "sim/metrics/controller.h"
#include "sim/metrics/group_coordinator.h"
#include "sim/metrics/partition_pauses.h"
#include "sim/metrics/produce.h"
#include "sim/metrics/raft.h"
#include "sim/metrics/replica_manager.h"
#include "sim/metrics/run_totals.h"
#include "sim/metrics/topic_partitions.h"

namespace bsim::metrics {

std::vector<std::unique_ptr<MetricFamily>> make_metric_families() {
    std::vector<std::unique_ptr<MetricFamily>> families;
    families.push_back(std::make_unique<ReplicaManagerMetrics>());
    families.push_back(std::make_unique<ClusterPartitionMetrics>());
    families.push_back(std::make_unique<BrokerTopicMetrics>());
    families.push_back(std::make_unique<ControllerMetrics>());
    families.push_back(std::make_unique<RaftMetrics>());
    families.push_back(std::make_unique<TopicPartitionMetrics>());
    families.push_back(std::make_unique<ProduceMetrics>());
    families.push_back(std::make_unique<GroupCoordinatorMetrics>());
    families.push_back(std::make_unique<ConsumerGroupMetrics>());
    families.push_back(std::make_unique<ConsumerLagMetrics>());
    families.push_back(std::make_unique<PartitionPauses>());
    families.push_back(std::make_unique<RunTotals>());
    return families;
}

}  // namespace bsim::metrics
