// Creation, growth and deletion of topics.
// Source: ReplicationControlManager.createTopics, createPartitions, deleteTopics; the methods of
// the same names in ControllerApis.

#include <fmt/format.h>
#include <map>
#include <set>
#include <utility>

#include "sim/base/java_order.h"
#include "sim/model/config_def.h"
#include "sim/protocol/controller/new_partitions.h"
#include "sim/protocol/controller/operation.h"
#include "sim/protocol/controller/topic_names.h"

namespace bsim::controller {
namespace {

using wire::ErrorCode;
using Topic = wire::CreateTopicsRequest::CreatableTopic;
using TopicResult = wire::CreateTopicsResponse::CreatableTopicResult;

TopicResult failed(const std::string& name, const ApiError& error) {
    TopicResult result;
    result.name = name;
    result.error_code = static_cast<std::int16_t>(error.code);
    result.error_message = error.message;
    return result;
}

std::optional<ApiError> check_name(const ControllerState& state, const std::string& name) {
    if (state.image().topic_ids().contains(name)) {
        return ApiError{ErrorCode::TopicAlreadyExists, fmt::format("topic '{}' exists", name)};
    }
    if (const std::string* other = state.colliding_topic(name)) {
        return ApiError{ErrorCode::InvalidTopicException,
                        fmt::format("'{}' collides with topic '{}'", name, *other)};
    }
    if (auto why = invalid_topic_name(name)) {
        return ApiError{ErrorCode::InvalidTopicException, std::move(*why)};
    }
    return std::nullopt;
}

// The records of the topic's configs, in the order of the hash map that Kafka gathers them in.
Result<std::vector<wire::ConfigRecord>, ApiError> config_records(const Topic& topic) {
    ConfigMap values;
    std::vector<std::optional<std::string>> names;
    for (const auto& config : topic.configs) {
        if (!config.value) {
            return Err{ApiError{ErrorCode::InvalidConfig,
                                fmt::format("config '{}' has no value", config.name)}};
        }
        if (values.insert_or_assign(config.name, *config.value).second) {
            names.emplace_back(config.name);
        }
    }
    for (const ConfigProblem& problem : check_config(ConfigKind::Topic, values)) {
        // What Kafka would accept the controller accepts, even if the simulator ignores it.
        if (problem.kind == ConfigProblem::Kind::NotBuilt)
            continue;
        return Err{ApiError{ErrorCode::InvalidConfig, problem.message}};
    }
    std::vector<wire::ConfigRecord> records;
    for (const std::size_t i : java_hash_map_order(names)) {
        auto& record = records.emplace_back();
        record.resource_type = static_cast<std::int8_t>(ConfigResourceType::Topic);
        record.resource_name = topic.name;
        record.name = *names[i];
        record.value = values.find(*names[i])->second;
    }
    return records;
}

TopicResult create_one(const OperationContext& context,
                       const ControllerState& state,
                       const Topic& asked,
                       OperationResult& result) {
    if (const auto error = check_name(state, asked.name))
        return failed(asked.name, *error);
    auto configs = config_records(asked);
    if (!configs)
        return failed(asked.name, configs.error());
    auto partitions = new_partitions(context, state, asked);
    if (!partitions)
        return failed(asked.name, partitions.error());

    wire::TopicRecord topic;
    topic.name = asked.name;
    topic.topic_id = context.draws.next_uuid();
    TopicResult created;
    created.name = asked.name;
    created.topic_id = topic.topic_id;
    created.error_message = std::nullopt;
    created.num_partitions = static_cast<std::int32_t>(partitions->size());
    created.replication_factor =
        static_cast<std::int16_t>(partitions->begin()->second.replicas.size());
    // DEVIATION: the effective configs of the new topic are not listed in the response.

    result.add(topic);
    for (wire::ConfigRecord& config : *configs)
        result.add(std::move(config));
    for (const auto& [index, partition] : *partitions) {
        result.add(partition.to_record({topic.topic_id, index}),
                   {ChangeReason::Created, FenceReason::SessionExpired});
    }
    return created;
}

}  // namespace

OperationResult create_topics(const OperationContext& context,
                              const ControllerState& state,
                              const wire::CreateTopicsRequest& request) {
    std::map<std::string, int> times_asked;
    for (const Topic& topic : request.topics)
        ++times_asked[topic.name];

    OperationResult result;
    wire::CreateTopicsResponse response;
    for (const Topic& topic : request.topics) {
        if (times_asked[topic.name] > 1 || topic.name == kClusterMetadataTopic)
            continue;
        response.topics.push_back(create_one(context, state, topic, result));
    }
    // These never reach Kafka's controller; their answers follow the others.
    for (const auto& [name, times] : times_asked) {
        if (times > 1) {
            response.topics.push_back(
                failed(name, {ErrorCode::InvalidRequest, "the topic is named more than once"}));
        }
    }
    if (const auto at = times_asked.find(std::string(kClusterMetadataTopic));
        at != times_asked.end() && at->second == 1) {
        response.topics.push_back(
            failed(at->first, {ErrorCode::InvalidRequest, "this topic cannot be created"}));
    }
    if (result.records.size() > static_cast<std::size_t>(state.config().max_records_per_batch)) {
        return OperationResult::refusal(ErrorCode::PolicyViolation);
    }
    if (request.validate_only) {
        result.records.clear();
        result.notes.clear();
    }
    result.atomic = true;
    result.response = std::move(response);
    return result;
}

OperationResult create_partitions(const OperationContext& context,
                                  const ControllerState& state,
                                  const wire::CreatePartitionsRequest& request) {
    OperationResult result;
    wire::CreatePartitionsResponse response;
    const auto answer = [&](const std::string& name, ErrorCode error, std::string message) {
        auto& answered = response.results.emplace_back();
        answered.name = name;
        answered.error_code = static_cast<std::int16_t>(error);
        if (error != ErrorCode::None)
            answered.error_message = std::move(message);
    };
    std::map<std::string, int> times_asked;
    for (const auto& topic : request.topics)
        ++times_asked[topic.name];
    for (const auto& [name, times] : times_asked) {
        if (times > 1)
            answer(name, ErrorCode::InvalidRequest, "the topic is named more than once");
    }
    for (const auto& topic : request.topics) {
        if (times_asked[topic.name] > 1)
            continue;
        auto partitions = more_partitions(context, state, topic);
        if (!partitions) {
            answer(topic.name, partitions.error().code, partitions.error().message);
            continue;
        }
        const Uuid& id = state.image().topic(topic.name)->id;
        for (const auto& [index, partition] : *partitions) {
            result.add(partition.to_record({id, index}),
                       {ChangeReason::Created, FenceReason::SessionExpired});
        }
        answer(topic.name, ErrorCode::None, "");
    }
    if (result.records.size() > static_cast<std::size_t>(state.config().max_records_per_batch)) {
        return OperationResult::refusal(ErrorCode::PolicyViolation);
    }
    if (request.validate_only) {
        result.records.clear();
        result.notes.clear();
    }
    result.atomic = true;
    result.response = std::move(response);
    return result;
}

OperationResult delete_topics(const ControllerState& state,
                              const wire::DeleteTopicsRequest& request) {
    if (!state.config().delete_topic_enable)
        return OperationResult::refusal(ErrorCode::TopicDeletionDisabled);
    OperationResult result;
    wire::DeleteTopicsResponse response;
    std::map<Uuid, int> times_asked;
    const auto answer = [&](std::optional<std::string> name, const Uuid& id, ErrorCode error) {
        auto& answered = response.responses.emplace_back();
        answered.name = std::move(name);
        answered.topic_id = id;
        answered.error_code = static_cast<std::int16_t>(error);
    };
    const auto ask_by_name = [&](const std::string& name) {
        const TopicImage* topic = state.image().topic(name);
        if (topic == nullptr)
            return answer(name, Uuid{}, ErrorCode::UnknownTopicOrPartition);
        ++times_asked[topic->id];
    };
    for (const std::string& name : request.topic_names)
        ask_by_name(name);
    for (const auto& topic : request.topics) {
        if (topic.name && topic.topic_id.is_zero()) {
            ask_by_name(*topic.name);
        } else if (topic.name || topic.topic_id.is_zero()) {
            answer(topic.name, topic.topic_id, ErrorCode::InvalidRequest);
        } else if (state.image().topic(topic.topic_id) == nullptr) {
            answer(std::nullopt, topic.topic_id, ErrorCode::UnknownTopicId);
        } else {
            ++times_asked[topic.topic_id];
        }
    }
    for (const auto& [id, times] : times_asked) {
        const std::string& name = state.image().topic(id)->name;
        answer(name, id, times > 1 ? ErrorCode::InvalidRequest : ErrorCode::None);
        if (times > 1)
            continue;
        wire::RemoveTopicRecord record;
        record.topic_id = id;
        result.add(record);
    }
    result.atomic = true;
    result.response = std::move(response);
    return result;
}

}  // namespace bsim::controller
