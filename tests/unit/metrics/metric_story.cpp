#include "tests/unit/metrics/metric_story.h"

#include <sstream>

namespace bsim::test {

namespace {

std::vector<BrokerId> ids(const std::vector<int>& numbers) {
    std::vector<BrokerId> list;
    for (const int number : numbers)
        list.emplace_back(number);
    return list;
}

}  // namespace

MetricStory& MetricStory::at(SimDuration since_start) {
    now_ = SimTime() + since_start;
    return *this;
}

MetricStory& MetricStory::start_cluster(int brokers) {
    tell("controller-100", NodeStarted{Incarnation(1)});
    tell("controller-100", ControllerElected{LeaderEpoch(1)});
    for (int id = 1; id <= brokers; ++id) {
        tell(NodeName::broker(BrokerId(id)).text(), NodeStarted{Incarnation(1)});
        tell("controller-100", BrokerRegistered{BrokerId(id), BrokerEpoch(id)});
        tell("controller-100", BrokerUnfenced{BrokerId(id), BrokerEpoch(id), "caught up"});
    }
    return *this;
}

MetricStory& MetricStory::change(const Change& change) {
    PartitionChanged event;
    event.p = change.p;
    if (change.leader >= 0)
        event.leader = BrokerId(change.leader);
    event.leader_epoch = LeaderEpoch(change.epoch);
    event.isr = ids(change.isr);
    event.replicas = ids(change.replicas);
    event.reason = change.reason;
    return tell("controller-100", event);
}

MetricStory& MetricStory::append(const std::string& node,
                                 const TopicPartition& p,
                                 int base,
                                 int last) {
    const std::int64_t bytes = 100 * (last - base + 1);
    return tell(node, LogAppended{p, Offset(base), Offset(last), LeaderEpoch(0), bytes, 7});
}

std::string MetricStory::value(const std::string& sample) const {
    std::istringstream text(open_metrics());
    std::string line;
    while (std::getline(text, line)) {
        if (line.starts_with(sample + ' ')) {
            const std::size_t from = sample.size() + 1;
            return line.substr(from, line.find(' ', from) - from);
        }
    }
    return "none";
}

std::map<std::string, std::string> csv_rows(const std::string& csv) {
    std::map<std::string, std::string> rows;
    std::istringstream text(csv);
    std::string line;
    std::getline(text, line);
    while (std::getline(text, line)) {
        const std::size_t comma = line.rfind(',');
        rows[line.substr(0, comma)] = line.substr(comma + 1);
    }
    return rows;
}

}  // namespace bsim::test
