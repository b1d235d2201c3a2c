#pragma once
// `brokersim log-dirs describe`: log directories and the sizes of logs as kafka-log-dirs.sh would
// have shown them at a moment of a stored run: its two lines of talk and one line of JSON, fields
// and brokers in its order, partitions too unless two fall into one bucket of Java's hash table.
//
// Sizes are what the events tell of each log (log_size_fold.h). A directory is named by its place
// in the run directory. A broker that is down, but not fenced yet, is shown as it was; the real
// tool would wait for it.
// Source: LogDirsCommand, ReplicaManager.describeLogDirs (3.9).

#include <set>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "sim/report/cluster_at.h"

namespace bsim {

struct LogDirQuery {
    std::set<BrokerId> brokers;    // empty: all
    std::set<std::string> topics;  // empty: all
};

// Empty if the brokers are there, else what the real tool says.
std::string unknown_brokers(const ClusterAt& cluster, const LogDirQuery& query);

// Requires that the brokers are there.
nlohmann::ordered_json log_dirs_json(const ClusterAt& cluster, const LogDirQuery& query);
std::string describe_log_dirs(const ClusterAt& cluster, const LogDirQuery& query);

// The directories of a broker, as they are named in the run directory: "data/broker-1/d0".
std::vector<StoredLogDir> broker_log_dirs(const ClusterAt& cluster, BrokerId broker);

}  // namespace bsim
