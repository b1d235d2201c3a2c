#include "tests/unit/world/world_lab.h"

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include <gtest/gtest.h>

#include "sim/world/judged_run.h"

namespace bsim::test {
namespace {

namespace fs = std::filesystem;

Scenario parse(const std::string& text) {
    auto parsed = parse_scenario(text, "lab.json", vocabulary());
    if (!parsed.ok())
        throw std::runtime_error(parsed.error().front().message);
    return std::move(parsed).value();
}

}  // namespace

WorldLab::WorldLab(const std::string& scenario_text) : scenario_(parse(scenario_text)), rng_(1, 0) {
    CheckSettings settings;
    settings.default_min_isr = 1;
    checkers_ = std::make_unique<CheckerSet>(settings);
    tracer_.subscribe(*checkers_);
    tracer_.subscribe(*this);
    cluster_ = std::make_unique<Cluster>(
        Cluster::Parts{scenario_, scheduler_, rng_, tracer_, outages_, *this, directory_.path()});
    for (const ProducerSpec& spec : scenario_.producers) {
        for (const auto& node : cluster_->producers(spec.name))
            workloads_.emplace_back(spec, scheduler_, rng_, *node);
    }
    topics_ = std::make_unique<TopicDriver>(scenario_, scheduler_, *cluster_,
                                            [this](const std::string& topic) {
                                                for (Workload& workload : workloads_) {
                                                    if (workload.topic() == topic)
                                                        workload.begin();
                                                }
                                            });
    for (const auto& node : cluster_->servers()) {
        const auto spec = std::find_if(scenario_.brokers.begin(), scenario_.brokers.end(),
                                       [&](const NodeSpec& each) { return each.id == node->id(); });
        const SimTime at = spec == scenario_.brokers.end() ? SimTime(0) : spec->start;
        ServerNode* started = node.get();
        scheduler_.at(at, [started] { started->start(EventNumber{}); });
    }
    cluster_->admin().start(EventNumber{});
    topics_->start();
}

WorldLab::~WorldLab() {
    cluster_->network().set_tap(nullptr);
    cluster_.reset();
}

void WorldLab::on(const Event& /*event*/, std::string_view canonical) {
    events_.emplace_back(canonical);
}

void WorldLab::run_to(SimDuration at) {
    scheduler_.run_until(SimTime(at.ns()));
}

void WorldLab::wipe(std::int32_t id) {
    const std::string name = broker(id).name().text();
    const EventNumber told =
        tracer_.emit(now(), NodeName::sim(), FaultStarted{"wipe", "wipe", {name}});
    broker(id).kill(told);
    broker(id).wipe();
}

wire::ResponseBody WorldLab::call(wire::RequestBody body) {
    std::optional<wire::ResponseBody> answer;
    cluster_->admin().call(std::move(body),
                           [&](const std::optional<wire::ResponseBody>& got) { answer = got; });
    const SimTime end = now() + seconds(70);
    while (!answer && scheduler_.step(end)) {
    }
    if (!answer)
        throw std::runtime_error("no answer");
    return *answer;
}

std::map<TopicPartition, admin::DeletedRecords> WorldLab::delete_records(
    const std::map<TopicPartition, Offset>& before) {
    std::optional<std::map<TopicPartition, admin::DeletedRecords>> answer;
    cluster_->admin().delete_records(before, [&](const auto& got) { answer = got; });
    const SimTime end = now() + seconds(70);
    while (!answer && scheduler_.step(end)) {
    }
    if (!answer)
        throw std::runtime_error("no answer");
    return *answer;
}

const PartitionRegistration& WorldLab::partition(const std::string& topic, std::int32_t index) {
    const MetadataImage* image = cluster_->committed();
    const PartitionRegistration* found =
        image == nullptr ? nullptr : image->partition(TopicPartition{topic, PartitionIndex(index)});
    if (found == nullptr)
        throw std::runtime_error("no such partition");
    return *found;
}

const Replica& WorldLab::replica(std::int32_t broker_id,
                                 const std::string& topic,
                                 std::int32_t index) {
    for (const auto& [id, replica] : *broker(broker_id).replicas()) {
        if (replica->tp == TopicPartition{topic, PartitionIndex(index)})
            return *replica;
    }
    throw std::runtime_error("no such replica");
}

std::vector<std::string> WorldLab::files(std::int32_t broker_id, const std::string& below) {
    std::vector<std::string> names;
    const fs::path root = fs::path(directory_.path()) / broker(broker_id).name().text() / below;
    for (const auto& entry : fs::directory_iterator(root))
        names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
}

std::vector<std::string> WorldLab::take_events(const std::vector<std::string>& kinds) {
    std::vector<std::string> taken;
    for (const std::string& canonical : std::exchange(events_, {})) {
        const auto field = [&](const std::string& key) {
            const auto from = canonical.find("\"" + key + "\":\"") + key.size() + 4;
            return canonical.substr(from, canonical.find('"', from) - from);
        };
        if (std::find(kinds.begin(), kinds.end(), field("k")) == kinds.end())
            continue;
        taken.push_back(field("n") + " " + field("k") + " " +
                        canonical.substr(canonical.find("\"a\":") + 4));
    }
    return taken;
}

}  // namespace bsim::test
