#pragma once
// A cluster at a moment, told by hand: its metadata by records, all else by events.

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "sim/report/cluster_at.h"

namespace bsim {

struct ClusterStory {
    ClusterAt cluster;

    void records(const wire::MetadataRecord& record) { cluster.image.apply(record, Offset()); }

    template <class Body>
    void tell(const std::string& node, Body body, SimTime at = SimTime()) {
        Event event;
        event.i = EventNumber(++number);
        event.t = at;
        event.n = NodeName(node);
        event.body = std::move(body);
        cluster.quorum.on(event);
        cluster.logs.on(event);
    }

    void broker(int id, bool fenced) {
        wire::RegisterBrokerRecord record;
        record.broker_id = id;
        record.broker_epoch = id * 10;
        record.fenced = fenced;
        record.rack.reset();
        auto& listener = record.end_points.emplace_back();
        listener.name = "PLAINTEXT";
        listener.host = "broker-" + std::to_string(id);
        listener.port = 9092;
        records(record);
        cluster.processes[NodeName("broker-" + std::to_string(id))] = ProcessState::Up;
    }

    void topic(const std::string& name, const Uuid& id) {
        wire::TopicRecord record;
        record.name = name;
        record.topic_id = id;
        records(record);
    }

    wire::PartitionRecord partition(const std::string& topic, int index) const {
        wire::PartitionRecord record;
        record.topic_id = cluster.image.topic(topic)->id;
        record.partition_id = index;
        record.replicas = record.isr = {1, 2, 3};
        record.leader = 1;
        record.leader_epoch = record.partition_epoch = 0;
        return record;
    }

    void setting(ConfigResourceType type,
                 const std::string& resource,
                 const char* name,
                 const std::string& value) {
        wire::ConfigRecord record;
        record.resource_type = static_cast<std::int8_t>(type);
        record.resource_name = resource;
        record.name = name;
        record.value = value;
        records(record);
    }

    std::uint64_t number = 0;
};

// What Kafka's tool printed: the file's lines, without that of its command.
inline std::string golden_cli(const std::string& name) {
    std::ifstream in(std::filesystem::path(BSIM_TEST_DATA) / "cli" / name);
    std::string text;
    for (std::string line; std::getline(in, line);) {
        if (!line.starts_with("$ "))
            text += line + '\n';
    }
    return text;
}

inline std::string with_replaced(std::string text, const std::string& from, const std::string& to) {
    for (std::size_t i = text.find(from); i != std::string::npos;
         i = text.find(from, i + to.size()))
        text.replace(i, from.size(), to);
    return text;
}

}  // namespace bsim
