#include "sim/node/coordinator_finder.h"

#include <array>
#include <string>
#include <utility>

#include "sim/model/internal_topics.h"
#include "sim/protocol/group/coordinator_partition.h"
#include "sim/wire/error_code.h"

namespace bsim {
namespace {

// From this version on a request names several keys.
constexpr std::int16_t kBatched = 4;
constexpr std::int8_t kGroupKey = 0;

}  // namespace

wire::FindCoordinatorResponse CoordinatorFinder::answer(const wire::FindCoordinatorRequest& request,
                                                        std::int16_t version,
                                                        std::int32_t partitions) {
    wire::FindCoordinatorResponse response;
    if (version >= kBatched) {
        for (const std::string& key : request.coordinator_keys)
            response.coordinators.push_back(find(request.key_type, key, partitions));
        return response;
    }
    const Coordinator found = find(request.key_type, request.key, partitions);
    response.error_code = found.error_code;
    response.error_message = found.error_code == 0 ? "NONE" : "The coordinator is not available.";
    response.node_id = found.node_id;
    response.host = found.host;
    response.port = found.port;
    return response;
}

CoordinatorFinder::Coordinator CoordinatorFinder::find(std::int8_t key_type,
                                                       const std::string& key,
                                                       std::int32_t partitions) {
    Coordinator out;
    out.key = key;
    out.node_id = -1;
    out.port = -1;
    out.error_code = number(wire::ErrorCode::CoordinatorNotAvailable);
    // DEVIATION: transactional ids have no coordinator; no scenario can ask for one.
    if (key_type != kGroupKey)
        return out;
    if (parts_.image.topic(std::string(kOffsetsTopic)) == nullptr) {
        create_offsets_topic();
        return out;
    }
    const PartitionRegistration* partition = parts_.image.partition(
        TopicPartition{std::string(kOffsetsTopic), group::coordinator_partition(key, partitions)});
    if (partition == nullptr || !partition->leader)
        return out;
    const BrokerRegistration* leader = parts_.image.broker(*partition->leader);
    if (leader == nullptr || leader->fenced || leader->endpoints.empty())
        return out;
    out.node_id = leader->id.value();
    out.host = leader->endpoints.front().host;
    out.port = leader->endpoints.front().port;
    out.error_code = 0;
    return out;
}

// Whatever comes of it: who asks again finds the topic, or has it asked for again.
void CoordinatorFinder::create_offsets_topic() {
    if (std::exchange(creating_, true))
        return;
    wire::CreateTopicsRequest request;
    request.timeout_ms = static_cast<std::int32_t>(parts_.config.request_timeout.ms());
    auto& topic = request.topics.emplace_back();
    topic.name = kOffsetsTopic;
    topic.num_partitions = parts_.config.offsets_topic_num_partitions;
    topic.replication_factor = parts_.config.offsets_topic_replication_factor;
    // In the order of Java's hash table.
    const std::array<std::pair<const char*, std::string>, 3> configs = {{
        {"compression.type", "producer"},
        {"cleanup.policy", "compact"},
        {"segment.bytes", std::to_string(parts_.config.offsets_topic_segment_bytes)},
    }};
    for (const auto& [name, value] : configs) {
        auto& config = topic.configs.emplace_back();
        config.name = name;
        config.value = value;
    }
    parts_.controller.send(std::move(request),
                           [this](const std::optional<wire::ResponseBody>&) { creating_ = false; });
}

}  // namespace bsim
