#pragma once
// A whole cluster from a scenario's text, driven by hand: a test lets time pass, calls the admin
// client and the nodes, and reads what happened. All checkers listen.

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/check/checker_set.h"
#include "sim/kernel/rng.h"
#include "sim/kernel/scheduler.h"
#include "sim/scenario/scenario.h"
#include "sim/trace/history.h"
#include "sim/trace/tracer.h"
#include "sim/world/cluster.h"
#include "sim/world/topic_driver.h"
#include "sim/world/workload.h"
#include "tests/support/temp_dir.h"

namespace bsim::test {

class WorldLab : private EventSink, private HistorySink {
  public:
    explicit WorldLab(const std::string& scenario_text);
    ~WorldLab() override;

    // Until the clock shows `at`.
    void run_to(SimDuration at);
    SimTime now() const { return scheduler_.now(); }

    Cluster& cluster() { return *cluster_; }
    ServerNode& broker(std::int32_t id) { return *cluster_->broker(BrokerId(id)); }
    void kill(std::int32_t id) { broker(id).kill(EventNumber{}); }
    void lose_power(std::int32_t id) { broker(id).lose_power(EventNumber{}); }
    void start(std::int32_t id) { broker(id).start(EventNumber{}); }
    // Kills it and empties its disk, and tells so as the fault does.
    void wipe(std::int32_t id);

    // Sends it and runs until it is answered; fails the test after a minute.
    wire::ResponseBody call(wire::RequestBody body);
    std::map<TopicPartition, admin::DeletedRecords> delete_records(
        const std::map<TopicPartition, Offset>& before);

    const PartitionRegistration& partition(const std::string& topic, std::int32_t index);
    // The replica on a broker; fails the test if there is none.
    const Replica& replica(std::int32_t broker, const std::string& topic, std::int32_t index);
    // Names in a broker's directory, or below it.
    std::vector<std::string> files(std::int32_t broker, const std::string& below = "");
    // "broker-1 LogStartAdvanced {...}" of the kinds asked for, since the last call.
    std::vector<std::string> take_events(const std::vector<std::string>& kinds);
    std::uint64_t violations() const { return checkers_->violation_count(); }
    std::vector<CheckResult> results() const { return checkers_->results(); }

  private:
    void on(const Event& event, std::string_view canonical) override;
    void send(const ClientOp& /*op*/) override {}
    void poll(const ClientOp& /*op*/) override {}
    void commit(const CommitOp& /*op*/) override {}

    TempDir directory_;
    Scenario scenario_;
    Tracer tracer_{RecordMessages::No};
    Scheduler scheduler_;
    Rng rng_;
    Outages outages_;
    std::unique_ptr<CheckerSet> checkers_;
    std::unique_ptr<Cluster> cluster_;
    std::deque<Workload> workloads_;
    std::unique_ptr<TopicDriver> topics_;
    std::vector<std::string> events_;
};

}  // namespace bsim::test
