#include "sim/report/results.h"

#include <algorithm>
#include <map>
#include <string_view>

#include <nlohmann/json.hpp>

#include "sim/report/availability_json.h"
#include "sim/report/results_json.h"

namespace bsim {

namespace {

using Json = nlohmann::ordered_json;

Json ids(const std::vector<BrokerId>& brokers) {
    Json list = Json::array();
    for (const BrokerId broker : brokers)
        list.push_back(broker.value());
    return list;
}

Json number_json(const Ratio& value) {
    if (value.denominator == 1)
        return value.numerator;
    return static_cast<double>(value.numerator) / static_cast<double>(value.denominator);
}

Json expectation_json(const ExpectationResult& result) {
    Json json;
    json["id"] = result.id;
    json["outcome"] = name(result.outcome);
    json["at_ns"] = result.at.ns();
    json["measured_ns"] = result.measured_ns ? Json(result.measured_ns->ns()) : Json();
    json["detail"] = result.detail;
    json["measured"] = result.measured ? number_json(*result.measured) : Json();
    json["measured_what"] = result.measured_what;
    json["declared"] = result.declared == DeclaredOutcome::Holds ? "holds" : "violated";
    json["because"] = result.because;
    return json;
}

Json finding_json(const std::vector<Finding>& findings) {
    if (findings.empty())
        return {};
    const Finding& first = findings.front();
    return {{"i", first.i.value()}, {"t", first.t.ns()}, {"detail", first.detail}};
}

Json check_json(const CheckResult& check) {
    Json json;
    json["name"] = check.name;
    json["evaluations"] = check.evaluations;
    json["violations"] = check.violation_count;
    json["first"] = finding_json(check.violations);
    json["permitted"] = check.permitted_count;
    json["first_permitted"] = finding_json(check.permitted);
    return json;
}

Json faults_json(const ResultsFold& counts, const ClusterView& view) {
    Json list = Json::array();
    for (const FaultView& fault : view.faults()) {
        list.push_back({{"id", fault.id},
                        {"fault", fault.fault},
                        {"fired_at_ns", fault.fired.ns()},
                        {"targets", fault.targets}});
    }
    for (const ResultsFold::Skipped& skipped : counts.skipped()) {
        list.push_back({{"id", skipped.f}, {"fired_at_ns", nullptr}, {"why", skipped.why}});
    }
    return list;
}

Json totals_json(const RunOutcome& outcome, const ResultsFold& counts) {
    return {{"records_acked", counts.records_acked()},
            {"records_failed", counts.records_failed()},
            {"records_consumed", counts.records_consumed()},
            {"records_lost", outcome.records_lost},
            {"records_duplicated", outcome.records_duplicated},
            {"leader_elections", counts.leader_elections()},
            {"isr_shrinks", counts.isr_shrinks()},
            {"isr_expands", counts.isr_expands()},
            {"rebalances", counts.rebalances()},
            {"messages", outcome.messages},
            {"messages_dropped", outcome.messages_dropped}};
}

Json partition_json(const TopicPartition& p, const PartitionView& partition) {
    // The leader's log start and high watermark, or what is known of them without one.
    const ReplicaView* const leader =
        partition.leader ? partition.replica(*partition.leader) : nullptr;
    const Offset hw = partition.leader_hw.value_or(Offset());
    Json replicas = Json::object();
    for (const BrokerId broker : partition.replicas) {
        const ReplicaView* const replica = partition.replica(broker);
        const Offset leo = replica == nullptr ? Offset() : replica->log.end();
        replicas[std::to_string(broker.value())] = {{"leo", leo.value()}};
    }
    Json json;
    json["p"] = p.to_string();
    json["leader"] = partition.leader ? partition.leader->value() : -1;
    json["leader_epoch"] = partition.leader_epoch.value();
    json["isr"] = ids(partition.isr);
    json["log_start"] = leader == nullptr ? 0 : leader->log.start().value();
    json["hw"] = (leader == nullptr ? hw : leader->hw.value_or(hw)).value();
    json["replicas"] = std::move(replicas);
    return json;
}

// Ids that the order does not have stay at the front.
void sort_by(const std::vector<std::string>& order, std::vector<ExpectationResult>& results) {
    std::map<std::string_view, std::size_t> places;
    for (const std::string& id : order)
        places.emplace(id, places.size() + 1);
    const auto place = [&](const ExpectationResult& result) {
        const auto found = places.find(result.id);
        return found == places.end() ? 0 : found->second;
    };
    std::stable_sort(results.begin(), results.end(),
                     [&](const ExpectationResult& a, const ExpectationResult& b) {
                         return place(a) < place(b);
                     });
}

}  // namespace

Json partitions_json(const ClusterView& view) {
    Json list = Json::array();
    for (const auto& [p, partition] : view.partitions()) {
        if (partition.known && !partition.deleted)
            list.push_back(partition_json(p, partition));
    }
    return list;
}

Json groups_json(const ClusterView& view) {
    Json list = Json::array();
    for (const auto& [id, group] : view.groups().groups()) {
        Json offsets = Json::object();
        for (const auto& [p, offset] : group.offsets)
            offsets[p.to_string()] = offset.value();
        Json json;
        json["group"] = id;
        json["state"] = EnumNames<GroupStateName>::kNames[static_cast<std::size_t>(group.state)];
        json["generation"] = group.generation.value();
        json["lag"] = view.lag(group);
        json["coordinator"] = group.coordinator ? Json(group.coordinator->text()) : Json();
        json["members"] = group.members.size();
        json["rebalances"] = group.rebalances;
        json["offsets"] = std::move(offsets);
        list.push_back(std::move(json));
    }
    return list;
}

void ResultsFold::on(const Event& event, std::string_view) {
    if (const auto* acked = as<ProduceAcked>(event)) {
        records_acked_ += acked->count;
    } else if (const auto* failed = as<ProduceFailed>(event)) {
        records_failed_ += failed->count;
    } else if (const auto* consumed = as<RecordsConsumed>(event)) {
        records_consumed_ += consumed->count;
    } else if (as<LeaderElected>(event) != nullptr) {
        ++leader_elections_;
    } else if (as<IsrShrunk>(event) != nullptr) {
        ++isr_shrinks_;
    } else if (as<IsrExpanded>(event) != nullptr) {
        ++isr_expands_;
    } else if (as<RebalanceCompleted>(event) != nullptr) {
        ++rebalances_;
    } else if (const auto* skipped = as<FaultSkipped>(event)) {
        skipped_.push_back({skipped->f, skipped->why});
    }
}

Results conclude(RunOutcome outcome, const ResultsFold& counts) {
    Results results;
    results.expectations =
        evaluate(outcome.expectations, outcome.checks, {outcome.end, EventNumber(outcome.events)});
    results.expectations.insert(results.expectations.end(), outcome.timed.begin(),
                                outcome.timed.end());
    sort_by(outcome.expectation_order, results.expectations);
    results.verdict = decide({outcome.ended, outcome.strict, !counts.skipped().empty()},
                             outcome.expectations, results.expectations, outcome.checks);
    results.exit_code = exit_code(results.verdict, outcome.ended);
    results.outcome = std::move(outcome);
    return results;
}

std::string results_json(const Results& results,
                         const ResultsFold& counts,
                         const ClusterView& view) {
    const RunOutcome& outcome = results.outcome;
    Json json;
    json["brokersim"] = 1;
    json["scenario"] = outcome.scenario;
    json["seed"] = outcome.seed;
    json["hash"] = outcome.hash;
    json["verdict"] = name(results.verdict);
    json["exit_code"] = static_cast<int>(results.exit_code);
    json["sim_ns"] = outcome.end.ns();
    json["events"] = outcome.events;
    json["wall_ns"] = outcome.wall_ns;
    json["expectations"] = Json::array();
    for (const ExpectationResult& result : results.expectations) {
        json["expectations"].push_back(expectation_json(result));
    }
    json["checks"] = Json::array();
    for (const CheckResult& check : outcome.checks)
        json["checks"].push_back(check_json(check));
    json["faults"] = faults_json(counts, view);
    json["totals"] = totals_json(outcome, counts);
    json["partitions"] = partitions_json(view);
    json["groups"] = groups_json(view);
    json["availability"] = availability_json(outcome.availability);
    return json.dump(1) + '\n';
}

}  // namespace bsim
