#pragma once
// `brokersim topics`: topics and partitions as kafka-topics.sh would have shown them at a moment of
// a stored run, to the byte: words, tabs, order of topics. What the run's files do not tell (the
// settings, if only the trace is left) is left out.
//
// Of the brokers that the real tool may ask for settings, the live one with the lowest id answers.
// Source: TopicCommand, TopicFilter.IncludeList, KafkaAdminClient.describeTopics (3.9).

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "sim/base/result.h"
#include "sim/report/cluster_at.h"

namespace bsim {

struct TopicQuery {
    std::optional<std::string> topic;  // a regular expression for the whole name; "a,b" is a|b
    std::optional<std::string> topic_id;
    bool exclude_internal = false;
    // Partitions only, those for which one of these holds.
    bool under_replicated = false;
    bool unavailable = false;
    bool under_min_isr = false;
    bool at_min_isr = false;
    // Topics only, those with settings that are not Kafka's defaults.
    bool with_overrides = false;
};

// The regular expression that the text of --topic stands for.
std::string topic_expression(std::string_view text);

// Names in ascending order. Throws std::regex_error where the expression is none; whoever knows the
// user catches it.
std::vector<std::string> matching_topics(const ClusterAt& cluster, const TopicQuery& query);
// The same; an error, as the real tool words it, if topics are asked for and none is there.
Result<std::vector<std::string>, std::string> existing_topics(const ClusterAt& cluster,
                                                              const TopicQuery& query);

std::string list_topics(const std::vector<std::string>& names);
nlohmann::ordered_json list_topics_json(const std::vector<std::string>& names);

// Requires names of topics of the cluster.
std::string describe_topics(const ClusterAt& cluster,
                            const std::vector<std::string>& names,
                            const TopicQuery& query);
nlohmann::ordered_json describe_topics_json(const ClusterAt& cluster,
                                            const std::vector<std::string>& names,
                                            const TopicQuery& query);

}  // namespace bsim
