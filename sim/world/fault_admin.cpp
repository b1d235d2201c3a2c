// What the admin client is asked to do: elections, topics, partitions, settings. It has ended when
// the answer is there.
#include <algorithm>
#include <utility>
#include <vector>

#include "sim/base/check.h"
#include "sim/base/overloaded.h"
#include "sim/node/admin_requests.h"
#include "sim/world/fault_table.h"
#include "sim/world/topic_driver.h"

namespace bsim {
namespace {

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
    std::vector<PartitionIndex> partitions = fault.partitions;
    if (partitions.empty()) {
        const std::int32_t count = partitions_of(stage, fault.topic);
        for (std::int32_t p = 0; p < count; ++p)
            partitions.emplace_back(p);
    }
    const auto type =
        fault.type == ElectFault::Type::Unclean ? ElectionType::Unclean : ElectionType::Preferred;
    return elect_leaders_request(type, fault.topic, partitions);
}

class AdminStrike : public Strike {
  public:
    AdminStrike(FaultStage& stage, RngStream& draws, const FaultSpec& fault)
        : Strike(stage, draws), fault_(fault) {}

    Result<FaultTargets, std::string> aim() override {
        const auto* change = std::get_if<ConfigChangeFault>(&fault_.action);
        if (change == nullptr || !change->target)
            return FaultTargets{topic()};
        BSIM_TRY(brokers_, resolve(*change->target));
        return names_of(brokers_);
    }

    void begin(EventNumber began) override {
        CauseScope scope(stage().tracer, began);
        std::vector<wire::RequestBody> all = requests();
        left_ = all.size();
        for (wire::RequestBody& request : all) {
            stage().cluster.admin().call(
                std::move(request),
                [strike = keep(this), began](const std::optional<wire::ResponseBody>&) {
                    strike->answered(began);
                });
        }
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
    std::vector<wire::RequestBody> requests() const {
        if (const auto* change = std::get_if<ConfigChangeFault>(&fault_.action))
            return changes(*change);
        return {std::visit(Overloaded{[this](const ElectFault& f) { return election(stage(), f); },
                                      [](const TopicDeleteFault& f) -> wire::RequestBody {
                                          return delete_topic_request(f.topic);
                                      },
                                      [](const PartitionsAddFault& f) -> wire::RequestBody {
                                          return add_partitions_request(f.topic, f.total,
                                                                        std::nullopt);
                                      },
                                      [](const TopicCreateFault& f) -> wire::RequestBody {
                                          return create_topics_request(f.topic);
                                      },
                                      [](const auto&) -> wire::RequestBody { BSIM_CHECK(false); }},
                           fault_.action)};
    }
    std::vector<wire::RequestBody> changes(const ConfigChangeFault& fault) const {
        ConfigChanges settings;
        for (const auto& [key, value] : fault.settings)
            settings[key] = value;
        if (!fault.target)
            return {topic_configs_request(fault.topic, settings)};
        std::vector<wire::RequestBody> all;
        for (const Process* broker : brokers_)
            all.push_back(broker_configs_request(broker->name().kafka_id(), settings));
        return all;
    }
    void answered(EventNumber began) {
        if (--left_ > 0)
            return;
        // Producers of the topic wait for it.
        if (const auto* created = std::get_if<TopicCreateFault>(&fault_.action))
            stage().topics.await(created->topic);
        end(began);
    }

    const FaultSpec& fault_;
    Processes brokers_;  // whose settings change
    std::size_t left_ = 0;
};

}  // namespace

std::shared_ptr<Strike> make_admin(FaultStage& stage, RngStream& draws, const FaultSpec& fault) {
    return std::make_shared<AdminStrike>(stage, draws, fault);
}

}  // namespace bsim
