#include "sim/scenario/features.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/scenario/fault_kinds.h"
#include "sim/scenario/switch_table.h"

namespace bsim {

bool has_feature(const Vocabulary& vocabulary, std::string_view name) {
    const auto& features = vocabulary.features;
    return std::find(features.begin(), features.end(), name) != features.end();
}

std::string feature_name(const Field& field) {
    return fmt::format("{}.{}", name_of(field.shape), field.name);
}

std::string feature_name(const Field& field, std::string_view word) {
    return fmt::format("{}.{}.{}", name_of(field.shape), field.name, word);
}

std::string fault_feature(std::string_view kind) {
    return fmt::format("fault.{}", kind);
}

std::string switch_feature(std::string_view name) {
    return fmt::format("switch.{}", name);
}

std::vector<std::string> all_features() {
    std::vector<std::string> out = {std::string(kQuorumFeature), std::string(kCombinedFeature),
                                    std::string(kClientsStruckFeature)};
    for (const Field& field : all_fields()) {
        if (field.built == Built::IfFeature) {
            out.push_back(feature_name(field));
        }
        for (const std::string_view word : split_words(field.feature_words)) {
            out.push_back(feature_name(field, word));
        }
    }
    for (const FaultKind& kind : all_fault_kinds()) {
        if (kind.described) {
            out.push_back(fault_feature(kind.name));
        }
    }
    for (const SwitchRow& row : all_switches()) {
        if (row.set != nullptr) {
            out.push_back(switch_feature(row.name));
        }
    }
    return out;
}

}  // namespace bsim
