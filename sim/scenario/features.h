#pragma once
// What of the format a program may be able to do or not, by name; all_features() in scenario.h
// lists the names.

#include <string>
#include <string_view>

#include "sim/scenario/fields.h"
#include "sim/scenario/scenario.h"

namespace bsim {

inline constexpr std::string_view kQuorumFeature = "cluster.quorum";      // several controllers
inline constexpr std::string_view kCombinedFeature = "cluster.combined";  // and brokers in one
// crash, pause and the like of producers and consumers
inline constexpr std::string_view kClientsStruckFeature = "fault.clients";

bool has_feature(const Vocabulary& vocabulary, std::string_view name);
std::string feature_name(const Field& field);                         // "link.loss"
std::string feature_name(const Field& field, std::string_view word);  // "fault.mode.power"
std::string fault_feature(std::string_view kind);                     // "fault.crash"
std::string switch_feature(std::string_view name);                    // "switch.pre_vote"

}  // namespace bsim
