#include <algorithm>
#include <fmt/format.h>
#include <vector>

#include "sim/model/config_def.h"
#include "sim/scenario/build.h"
#include "sim/scenario/features.h"
#include "sim/scenario/nearest.h"
#include "sim/scenario/other_names.h"
#include "sim/scenario/switch_table.h"
#include "sim/scenario/values.h"

namespace bsim {
namespace {

std::string names_of_switches(const Vocabulary& vocabulary) {
    std::string out;
    for (const SwitchRow& row : all_switches()) {
        if (row.set != nullptr && has_feature(vocabulary, switch_feature(row.name))) {
            out += (out.empty() ? "" : ", ") + std::string(row.name);
        }
    }
    return out.empty() ? "none is built yet" : out;
}

void report_unknown(Build& build, const JsonNode& node) {
    for (const ConfigKind kind :
         {ConfigKind::Broker, ConfigKind::Topic, ConfigKind::Producer, ConfigKind::Consumer}) {
        if (find_config(kind, node.key) != nullptr) {
            build.document.report(
                {"E0216", at_key(node),
                 fmt::format("\"{}\" is a setting of Kafka, which stands under \"config\"",
                             node.key)});
            return;
        }
    }
    std::vector<std::string_view> names;
    for (const SwitchRow& row : all_switches()) {
        names.push_back(row.name);
    }
    build.document.report({"E0216", at_key(node), fmt::format("unknown switch \"{}\"", node.key),
                           names_of_switches(build.vocabulary),
                           std::string(nearest(node.key, names).value_or(""))});
}

// The switch's word, `on` and `off` for those without words of their own; nullopt if it is none.
std::optional<std::string> word_of(const SwitchRow& row, const JsonNode& node) {
    const auto number = integer_of(&node);
    std::string word = number ? std::to_string(*number) : node.text;
    if (is_number(row)) {
        return number && *number >= 0 ? std::optional(std::move(word)) : std::nullopt;
    }
    if (row.words.empty() && (word == "true" || word == "false")) {
        return word == "true" ? "on" : "off";
    }
    const auto words = words_of(row);
    const bool known = std::find(words.begin(), words.end(), word) != words.end();
    return known ? std::optional(std::move(word)) : std::nullopt;
}

void read_switch(Build& build, const JsonNode& node) {
    const SwitchRow* row = find_switch(node.key);
    if (row == nullptr) {
        return report_unknown(build, node);
    }
    if (node.kind == JsonNode::Kind::Array || node.kind == JsonNode::Kind::Object ||
        node.kind == JsonNode::Kind::Null) {
        return;
    }
    const auto word = word_of(*row, node);
    if (!word) {
        const auto legal = words_of(*row);
        build.document.report({"E0104", at_value(node),
                               fmt::format("switch \"{}\" cannot be \"{}\"", node.key, node.text),
                               is_number(*row) ? "a whole number, at least 0" : listed(legal),
                               meant(node.text, legal, other_words())});
        return;
    }
    const bool built =
        row->set != nullptr && has_feature(build.vocabulary, switch_feature(row->name));
    if (!built && *word != row->kafka39) {
        build.document.report({"E0900", at_key(node),
                               fmt::format("switch \"{}\" is part of the scenario format but not "
                                           "built yet",
                                           node.key),
                               names_of_switches(build.vocabulary)});
        return;
    }
    if (row->set != nullptr) {
        row->set(build.out.switches, *word);
    }
}

}  // namespace

void build_switches(Build& build) {
    const JsonNode* switches = build.root.find("switches");
    if (switches == nullptr || switches->kind != JsonNode::Kind::Object) {
        return;
    }
    for (const JsonNode& node : switches->children) {
        read_switch(build, node);
    }
}

}  // namespace bsim
