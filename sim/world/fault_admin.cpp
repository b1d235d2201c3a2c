// What the admin client is asked to do: elections, topics, partitions, settings. It has ended when
// the answer is there.
#include <algorithm>
#include <utility>

#include "sim/base/check.h"
#include "sim/base/overloaded.h"
#include "sim/world/fault_table.h"
#include "sim/world/topic_driver.h"

namespace bsim {
namespace {

// A minute, kafka-topics' own default.
constexpr std::int32_t kAdminTimeoutMs = 60'000;

std::int32_t partitions_of(const FaultStage& stage, const std::string& topic) {
    const MetadataImage* image = stage.cluster.committed();
    const TopicImage* known = image == nullptr ? nullptr : image->topic(topic);
    if (known != nullptr)
        return static_cast<std::int32_t>(known->partitions.size());
    const auto& topics = stage.scenario.topics;
    const auto spec = std::find_if(topics.begin(), topics.end(),
                                   [&](const TopicSpec& t) { return t.name == topic; });
    return spec == topics.end() ? 1 : spec->partitions;
}

wire::RequestBody election(const FaultStage& stage, const ElectFault& fault) {
    wire::ElectLeadersRequest request;
    request.election_type = fault.type == ElectFault::Type::Unclean ? 1 : 0;
    auto& wanted = request.topic_partitions.emplace();
    wanted.emplace_back().topic = fault.topic;
    auto& partitions = wanted.back().partitions;
    for (const PartitionIndex partition : fault.partitions)
        partitions.push_back(partition.value());
    if (partitions.empty()) {
        const std::int32_t count = partitions_of(stage, fault.topic);
        for (std::int32_t p = 0; p < count; ++p)
            partitions.push_back(p);
    }
    return request;
}

wire::RequestBody deletion(const TopicDeleteFault& fault) {
    wire::DeleteTopicsRequest request;
    request.topics.emplace_back().name = fault.topic;
    request.topic_names = {fault.topic};
    request.timeout_ms = kAdminTimeoutMs;
    return request;
}

wire::RequestBody growth(const PartitionsAddFault& fault) {
    wire::CreatePartitionsRequest request;
    auto& topic = request.topics.emplace_back();
    topic.name = fault.topic;
    topic.count = fault.total;
    request.timeout_ms = kAdminTimeoutMs;
    return request;
}

class AdminStrike : public Strike {
  public:
    AdminStrike(FaultStage& stage, RngStream& draws, const FaultSpec& fault)
        : Strike(stage, draws), fault_(fault) {}

    Result<FaultTargets, std::string> aim() override { return FaultTargets{topic()}; }

    void begin(EventNumber began) override {
        CauseScope scope(stage().tracer, began);
        stage().cluster.admin().call(
            request(), [strike = keep(this), began](const std::optional<wire::ResponseBody>&) {
                strike->answered(began);
            });
    }

    std::optional<EventNumber> heal() override { return std::nullopt; }

  private:
    std::string topic() const {
        return std::visit(Overloaded{[](const ElectFault& f) { return f.topic; },
                                     [](const TopicDeleteFault& f) { return f.topic; },
                                     [](const PartitionsAddFault& f) { return f.topic; },
                                     [](const ConfigChangeFault& f) { return f.topic; },
                                     [](const TopicCreateFault& f) { return f.topic.name; },
                                     [](const auto&) -> std::string { BSIM_CHECK(false); }},
                          fault_.action);
    }
    wire::RequestBody request() const {
        return std::visit(Overloaded{[this](const ElectFault& f) { return election(stage(), f); },
                                     [](const TopicDeleteFault& f) { return deletion(f); },
                                     [](const PartitionsAddFault& f) { return growth(f); },
                                     [](const TopicCreateFault& f) -> wire::RequestBody {
                                         return create_topics_request(f.topic);
                                     },
                                     [](const auto&) -> wire::RequestBody { BSIM_CHECK(false); }},
                          fault_.action);
    }
    void answered(EventNumber began) {
        // Producers of the topic wait for it.
        if (const auto* created = std::get_if<TopicCreateFault>(&fault_.action))
            stage().topics.await(created->topic);
        end(began);
    }

    const FaultSpec& fault_;
};

}  // namespace

std::shared_ptr<Strike> make_admin(FaultStage& stage, RngStream& draws, const FaultSpec& fault) {
    return std::make_shared<AdminStrike>(stage, draws, fault);
}

}  // namespace bsim
