#pragma once
// Checks the names in an expression against the scenario and the vocabulary.

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/build.h"

namespace bsim {

// "broker-3" -> broker 3; nullopt for names of other shapes.
std::optional<NodeRole> node_role(std::string_view name);
// Is it the log of the metadata quorum, which the controllers hold?
bool is_metadata_partition(const TopicPartition& p);
// Can the node of that name in the trace be the active controller? A combined node is a broker
// there.
bool can_control(const Build& build, std::string_view name);

class NameCheck : public ExpressionNames {
  public:
    NameCheck(Build& build, const JsonNode& node) : build_(build), node_(node) {}

    bool ok() const { return ok_; }

    void partition(const TopicPartition& p, TextPart topic, TextPart index) override;
    void node(NodeNames& names, TextPart part) override;
    void fault(std::string_view id, TextPart part) override {
        static_cast<void>(id);
        ok_ &= check_fault_id(build_, node_, part);
    }
    void metric(std::string_view name, TextPart part) override;
    void event_kind(std::string_view kind, TextPart part) override;
    void event_condition(std::string_view kind, const Condition& condition) override;
    void group(std::string_view name, TextPart part) override {
        ok_ &= check_group(build_, node_, name, part);
    }
    void metric_label(const LabelCondition& condition) override;

  private:
    void event_node(const Condition& in);
    void event_broker(const EventWords::Value& value, const Condition& in);
    void event_value(const EventWords::Value& value, const Condition& in);
    void event_text(const Condition& in);
    void event_partition(const Condition& in);
    void unknown_event(std::string_view kind, TextPart part);
    void unknown_node(TextPart part);
    void one_of(const std::vector<std::string>& words, std::string_view word, TextPart part);
    const EventWords* find_event(std::string_view kind) const;
    bool is_client(std::string_view name) const;
    bool exists(const std::string& name) const;
    std::vector<std::string> nodes() const;
    std::string_view text_at(TextPart part) const {
        return std::string_view(node_.text).substr(part.from, part.length);
    }
    void report(std::string_view code,
                TextPart part,
                std::string message,
                std::string expected = {},
                std::string suggestion = {}) {
        ok_ = false;
        build_.document.report({code, at_part(node_, part.from, part.length), std::move(message),
                                std::move(expected), std::move(suggestion)});
    }

    Build& build_;
    const JsonNode& node_;
    bool ok_ = true;
};

}  // namespace bsim
