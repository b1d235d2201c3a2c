#include "sim/world/topic_driver.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "sim/node/admin_requests.h"
#include "sim/wire/error_code.h"

namespace bsim {
namespace {

// How often the simulator looks whether the cluster is ready.
constexpr SimDuration kLookInterval = milliseconds(10);

}  // namespace

wire::CreateTopicsRequest create_topics_request(const TopicSpec& topic) {
    NewTopic out;
    out.name = topic.name;
    out.assignment = topic.assignment;
    out.settings = topic.settings;
    if (!topic.assignment) {
        out.partitions = topic.partitions;
        out.replication = static_cast<std::int16_t>(topic.replication);
    }
    return create_topic_request(out);
}

TopicDriver::TopicDriver(const Scenario& scenario,
                         Scheduler& scheduler,
                         Cluster& cluster,
                         Visible on_visible)
    : scenario_(scenario),
      scheduler_(scheduler),
      cluster_(cluster),
      on_visible_(std::move(on_visible)) {
    for (const TopicSpec& topic : scenario_.topics)
        to_create_.push_back(&topic);
}

void TopicDriver::start() {
    look();
}

void TopicDriver::look() {
    std::erase_if(to_create_, [this](const TopicSpec* topic) {
        if (!can_create(*topic))
            return false;
        create(*topic);
        return true;
    });
    std::erase_if(to_see_, [this](const TopicSpec* topic) {
        if (!visible(*topic))
            return false;
        on_visible_(topic->name);
        return true;
    });
    const bool waiting = !to_create_.empty() || !to_see_.empty();
    if (waiting)
        scheduler_.after(kLookInterval, [this] { look(); });
}

bool TopicDriver::can_create(const TopicSpec& topic) const {
    const MetadataImage* image = cluster_.committed();
    if (image == nullptr)
        return false;
    if (topic.assignment) {
        for (const auto& replicas : *topic.assignment) {
            const auto active = [&](BrokerId id) { return image->is_active(id); };
            if (!std::all_of(replicas.begin(), replicas.end(), active))
                return false;
        }
        return true;
    }
    return std::all_of(scenario_.brokers.begin(), scenario_.brokers.end(), [&](const auto& spec) {
        return spec.joins_by_fault || spec.start > SimTime(0) || image->is_active(spec.id);
    });
}

void TopicDriver::create(const TopicSpec& topic) {
    cluster_.admin().call(
        create_topics_request(topic),
        [this, &topic](const std::optional<wire::ResponseBody>& answer) {
            if (!answer) {
                refused_.push_back({topic.name, "TIMEOUT"});
                return;
            }
            const auto& result = std::get<wire::CreateTopicsResponse>(*answer).topics.front();
            const auto error = static_cast<wire::ErrorCode>(result.error_code);
            if (error != wire::ErrorCode::None && error != wire::ErrorCode::TopicAlreadyExists) {
                refused_.push_back({topic.name, std::string(wire::name(error)) + ": " +
                                                    result.error_message.value_or("")});
                return;
            }
            await(topic);
        });
}

void TopicDriver::await(const TopicSpec& topic) {
    const bool looking = !to_create_.empty() || !to_see_.empty();
    to_see_.push_back(&topic);
    if (!looking)
        look();
}

// Every broker that serves clients knows all of its partitions.
bool TopicDriver::visible(const TopicSpec& topic) const {
    bool any = false;
    for (const auto& broker : cluster_.brokers()) {
        if (!broker->alive() || broker->paused() || !broker->serving())
            continue;
        const TopicImage* seen = broker->image()->topic(topic.name);
        if (seen == nullptr)
            return false;
        if (static_cast<std::int32_t>(seen->partitions.size()) < topic.partitions)
            return false;
        any = true;
    }
    return any;
}

}  // namespace bsim
