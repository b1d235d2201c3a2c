#include "tests/assign/case.h"

#include <utility>

namespace bsim::group::testing {
namespace {

std::optional<std::string> optional_text(const Json& json) {
    return json.is_null() ? std::nullopt : std::optional(json.get<std::string>());
}

GroupMember read_member(const Json& json) {
    GroupMember member{
        json.at("memberId").get<std::string>(), optional_text(json.at("groupInstanceId")), {}};
    Subscription& subscription = member.subscription;
    subscription.topics = json.at("topics").get<std::vector<std::string>>();
    subscription.rack = optional_text(json.at("rack"));
    for (const Json& owned : json.at("owned")) {
        subscription.owned.push_back(
            {owned.at(0).get<std::string>(), PartitionIndex(owned.at(1).get<std::int32_t>())});
    }
    const auto generation = json.at("generation").get<std::int32_t>();
    if (generation >= 0)
        subscription.generation = GenerationId(generation);
    if (const auto user_data = optional_text(json.at("userData")))
        subscription.user_data = from_hex(*user_data);
    return member;
}

TopicLayout read_topic(const Json& json) {
    TopicLayout layout{json.at("partitions").get<std::int32_t>(), {}};
    if (json.at("racks").is_null())
        return layout;
    for (const Json& racks : json.at("racks")) {
        auto& replicas = layout.replica_racks.emplace_back();
        for (const Json& rack : racks) {
            if (!rack.is_null())
                replicas.push_back(rack.get<std::string>());
        }
    }
    return layout;
}

Json as_json(const std::vector<GroupMember>& members, const Assigned& assigned) {
    Json out = Json::array();
    for (std::size_t i = 0; i < members.size(); ++i) {
        Json partitions = Json::array();
        for (const TopicPartition& each : assigned[i])
            partitions.push_back(Json::array({each.topic, each.partition.value()}));
        out.push_back(Json::array({members[i].member_id, std::move(partitions)}));
    }
    return out;
}

}  // namespace

std::vector<std::uint8_t> from_hex(const std::string& hex) {
    std::vector<std::uint8_t> bytes;
    for (std::size_t at = 0; at + 1 < hex.size(); at += 2)
        bytes.push_back(static_cast<std::uint8_t>(std::stoul(hex.substr(at, 2), nullptr, 16)));
    return bytes;
}

std::optional<Case> read_case(const Json& line) {
    if (line.at("kind") != "client")
        return std::nullopt;
    const auto assignor = find_assignor(line.at("assignor").get<std::string>());
    if (!assignor)
        return std::nullopt;
    Case read{*assignor, {}, {}};
    for (const Json& member : line.at("members"))
        read.members.push_back(read_member(member));
    for (const Json& topic : line.at("topics"))
        read.topics[topic.at("name").get<std::string>()] = read_topic(topic);
    return read;
}

Json answered(const Json& line, const Case& read) {
    const auto in_order = Assignor(read.assignor).assign_in_order(read.topics, read.members);
    const auto hashed = Assignor(read.assignor).assign(read.topics, read.members);
    const auto result = [&](const auto& from) {
        return from ? as_json(read.members, *from) : Json(from.error().exception);
    };
    Json out = line;
    for (const char* key : {"output", "output_if_hashmap_differs", "error"})
        out.erase(key);
    if (!in_order && !hashed && result(in_order) == result(hashed)) {
        out["error"] = result(in_order);
        return out;
    }
    out[in_order ? "output" : "error"] = result(in_order);
    const bool differs = result(hashed) != result(in_order);
    out["output_if_hashmap_differs"] = differs ? result(hashed) : Json();
    return out;
}

}  // namespace bsim::group::testing
