#include "sim/report/log_size_fold.h"

#include <algorithm>
#include <variant>

namespace bsim {

void SizedLog::append(Offset base, Offset last, std::int64_t bytes) {
    cut(base);
    batches_.push_back({base, last, bytes});
}

void SizedLog::cut(Offset end) {
    while (!batches_.empty() && batches_.back().last >= end)
        batches_.pop_back();
    segments_.erase(segments_.upper_bound(end), segments_.end());
}

void SizedLog::clear() {
    batches_.clear();
    segments_.clear();
}

void SizedLog::segment_deleted(Offset base) {
    const auto next = segments_.upper_bound(base);
    const auto behind = [&](const Batch& batch) {
        return next != segments_.end() && batch.base >= *next;
    };
    const auto from = std::find_if(batches_.begin(), batches_.end(),
                                   [&](const Batch& batch) { return batch.base >= base; });
    const auto to = std::find_if(from, batches_.end(), behind);
    batches_.erase(from, to);
    segments_.erase(base);
}

std::int64_t SizedLog::bytes() const {
    std::int64_t sum = 0;
    for (const Batch& batch : batches_)
        sum += batch.bytes;
    return sum;
}

void LogSizeFold::on(const Event& event) {
    if (const auto* const deleted = as<TopicDeleted>(event))
        return forget(deleted->topic);
    const auto broker = event.n.kafka_id();
    if (!broker)
        return;
    std::visit([&](const auto& body) { apply(*broker, body); }, event.body);
}

const BrokerLog* LogSizeFold::log(BrokerId broker, const TopicPartition& p) const {
    const auto logs = logs_.find(broker);
    if (logs == logs_.end())
        return nullptr;
    const auto found = logs->second.find(p);
    return found == logs->second.end() || !found->second.found ? nullptr : &found->second;
}

void LogSizeFold::forget(const std::string& topic) {
    for (auto& [broker, logs] : logs_) {
        std::erase_if(logs, [&](const auto& entry) { return entry.first.topic == topic; });
    }
}

BrokerLog& LogSizeFold::present(BrokerId broker, const TopicPartition& p) {
    BrokerLog& log = logs_[broker][p];
    if (!log.found)
        log = BrokerLog{{}, true, false};
    return log;
}

void LogSizeFold::serve(BrokerId broker, const TopicPartition& p, Offset leo) {
    BrokerLog& log = present(broker, p);
    log.log.cut(leo);
    log.served = true;
}

void LogSizeFold::apply(BrokerId broker, const NodeStarted&) {
    for (auto& [p, log] : logs_[broker]) {
        log.found = false;
        log.served = false;
    }
}

void LogSizeFold::apply(BrokerId broker, const LogRecovered& e) {
    if (e.p.topic == "__cluster_metadata")
        return;
    BrokerLog& log = logs_[broker][e.p];
    log.found = true;
    log.log.cut(e.leo);
}

void LogSizeFold::apply(BrokerId broker, const BecameLeader& e) {
    serve(broker, e.p, e.leo);
}

void LogSizeFold::apply(BrokerId broker, const BecameFollower& e) {
    serve(broker, e.p, e.leo);
}

void LogSizeFold::apply(BrokerId broker, const LogAppended& e) {
    if (e.p.topic != "__cluster_metadata")
        present(broker, e.p).log.append(e.base, e.last, e.bytes);
}

void LogSizeFold::apply(BrokerId broker, const LogTruncated& e) {
    if (e.p.topic == "__cluster_metadata")
        return;
    SizedLog& log = present(broker, e.p).log;
    if (e.to >= e.from) {
        log.clear();
    } else {
        log.cut(e.to);
    }
}

void LogSizeFold::apply(BrokerId broker, const SegmentRolled& e) {
    present(broker, e.p).log.rolled(e.base);
}

void LogSizeFold::apply(BrokerId broker, const SegmentDeleted& e) {
    present(broker, e.p).log.segment_deleted(e.base);
}

}  // namespace bsim
