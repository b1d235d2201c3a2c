#pragma once
// From a document whose shape has been checked to a Scenario. Each builder fills its part of `out`
// and reports what ties several places together wrongly. A builder skips what shape.h refused, so
// `out` is complete only if the document has no errors in the end.

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>

#include "sim/scenario/document.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/selector_text.h"

namespace bsim {

struct Build {
    Document& document;
    const Vocabulary& vocabulary;
    const JsonNode& root;
    Scenario out;

    // What may be referred to: everything that is declared, well-formed or not. An absent set means
    // that the declaration as a whole is unreadable, so that no reference can be judged.
    std::optional<std::set<BrokerId>> brokers;
    std::optional<std::set<BrokerId>> controllers;
    std::optional<std::map<std::string, const JsonNode*, std::less<>>> topics;
};

// In this order: each may use what the ones before it have filled in.
void build_cluster(Build& build);
void build_topics(Build& build);
void build_producers(Build& build);
void build_faults(Build& build);
void build_expect(Build& build);

// The settings of the layers (lowest first, null ones skipped), checked; nullopt if any is illegal.
std::optional<ConfigMap> build_settings(Build& build,
                                        ConfigKind kind,
                                        std::span<const JsonNode* const> layers);
// The selector in the node, its names checked against the scenario; nullopt if it is wrong.
std::optional<Selector> build_selector(Build& build, const JsonNode* node);
// Is there such a topic? Reports if not. `part` is where its name stands in the node's text.
bool check_topic_name(Build& build, const JsonNode& node, TextPart part);
// The number of partitions that a declared topic has, if it can be read.
std::optional<std::int64_t> partitions_of(const Build& build, std::string_view topic);

}  // namespace bsim
