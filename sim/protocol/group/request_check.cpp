#include "sim/protocol/group/request_check.h"

#include <algorithm>
#include <utility>

#include "sim/wire/error_code.h"

namespace bsim::group {
namespace {

template <class Response>
auto& topic_of(Response& response, const std::string& name) {
    const auto known = std::find_if(response.topics.begin(), response.topics.end(),
                                    [&](const auto& topic) { return topic.name == name; });
    if (known != response.topics.end())
        return *known;
    auto& added = response.topics.emplace_back();
    added.name = name;
    return added;
}

template <class Response, class Request>
Response take(const MetadataImage& image, Request& request) {
    Response refused;
    for (auto& topic : request.topics) {
        const auto missing = [&](const auto& partition) {
            return image.partition(TopicPartition{
                       topic.name, PartitionIndex(partition.partition_index)}) == nullptr;
        };
        for (const auto& partition : topic.partitions) {
            if (!missing(partition))
                continue;
            auto& out = topic_of(refused, topic.name).partitions.emplace_back();
            out.partition_index = partition.partition_index;
            out.error_code = number(wire::ErrorCode::UnknownTopicOrPartition);
        }
        std::erase_if(topic.partitions, missing);
    }
    std::erase_if(request.topics, [](const auto& topic) { return topic.partitions.empty(); });
    return refused;
}

template <class Response>
void add_topics(Response& into, const Response& from) {
    for (const auto& topic : from.topics) {
        auto& out = topic_of(into, topic.name);
        out.partitions.insert(out.partitions.end(), topic.partitions.begin(),
                              topic.partitions.end());
    }
}

}  // namespace

wire::OffsetCommitResponse take_unknown(const MetadataImage& image,
                                        wire::OffsetCommitRequest& request) {
    return take<wire::OffsetCommitResponse>(image, request);
}

wire::OffsetDeleteResponse take_unknown(const MetadataImage& image,
                                        wire::OffsetDeleteRequest& request) {
    return take<wire::OffsetDeleteResponse>(image, request);
}

void merge(wire::OffsetCommitResponse& into, const wire::OffsetCommitResponse& from) {
    add_topics(into, from);
}

void merge(wire::OffsetDeleteResponse& into, const wire::OffsetDeleteResponse& from) {
    if (from.error_code == 0)
        return add_topics(into, from);
    into = from;
}

}  // namespace bsim::group
