#pragma once
// A topic's settings as DescribeConfigs tells of them: all that are not Kafka's defaults, be it
// that the topic has its own or that a broker setting stands for it, given by an administrator or
// at start-up. Source: ConfigHelper.createTopicConfigEntry, Config.entries (3.9).

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sim/model/ids.h"
#include "sim/model/metadata_image.h"

namespace bsim {

// Who answers: its static settings count where nothing else was set.
struct AskedBroker {
    BrokerId id;
    const ConfigMap& settings;
};

// Name and value, in the order in which the real tool prints them. A broker setting in hours, where
// Kafka has one in milliseconds too, counts as a default, as it does in the real tool.
using TopicSettings = std::vector<std::pair<std::string, std::string>>;
TopicSettings topic_settings(const MetadataImage& image,
                             const AskedBroker& broker,
                             const std::string& topic);

// min.insync.replicas that holds for the topic.
std::int64_t min_insync_replicas(const TopicSettings& settings);

}  // namespace bsim
