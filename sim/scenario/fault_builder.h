#pragma once
// One fault of the list as a FaultSpec. Methods return nullopt where something is wrong, which has
// then been reported: what is missing or stands beside what excludes it, by shape.h.

#include <optional>
#include <string_view>

#include "sim/scenario/build.h"
#include "sim/scenario/fault_kinds.h"

namespace bsim {

// Can it mean a producer or a consumer?
bool may_mean_clients(const Selector& selector);

class FaultBuilder {
  public:
    FaultBuilder(Build& build, const JsonNode& node, const FaultKind& kind, std::string_view id)
        : build_(build), node_(node), kind_(kind), id_(id) {}

    // build_fault_timing.cpp; into the spec, false if anything is wrong.
    bool timing(FaultSpec& spec);
    // What the kind does.
    std::optional<FaultAction> action();

  private:
    // build_fault_timing.cpp
    std::optional<FaultTrigger> trigger();
    std::optional<AtTrigger> at(const JsonNode& node);
    std::optional<FaultTrigger> after(const JsonNode& node);
    std::optional<FaultTrigger> when(const JsonNode& node);
    void repeat(FaultSpec& spec);
    bool end(FaultSpec& spec);

    // build_fault_nodes.cpp
    std::optional<FaultAction> node_action();
    std::optional<FaultAction> crash(const Selector& target);
    std::optional<FaultAction> rolling_restart(const Selector& target);
    std::optional<FaultAction> wipe(const Selector& target);
    std::optional<FaultAction> broker_add();
    std::optional<FaultAction> clock(const Selector& target);
    std::optional<FaultAction> disk(const Selector& target);
    std::optional<CrashMode> crash_mode(CrashMode otherwise);
    // The target of a kind that strikes processes or their machines.
    std::optional<Selector> struck();
    // Reports a target that means nobody, whatever happens.
    bool check_somebody(const Selector& target);

    // build_fault_clients.cpp
    std::optional<FaultAction> client_action();
    std::optional<FaultAction> consumer_slow(const Selector& target);
    std::optional<Selector> client(ClientSelector::Role role);

    // build_fault_network.cpp
    std::optional<FaultAction> network_action();
    std::optional<FaultAction> partition(PartitionCut cut);
    std::optional<FaultAction> packets(PartitionCut where);
    std::optional<FaultAction> message();
    std::optional<FaultAction> api_error();
    // What the faults of single messages have in common.
    struct Messages {
        MessageFilter filter;
        std::optional<Selector> from;
        std::optional<Selector> to;
    };
    std::optional<Messages> messages(MessageFilter::Of of);
    std::optional<PartitionCut> cut();
    std::optional<PartitionCut> one_way();
    std::optional<PartitionCut> between(const JsonNode& list);
    bool check_match(const JsonNode& field);
    bool check_api(const JsonNode& api);
    bool check_error(const JsonNode& error);
    std::optional<Ratio> message_probability();

    // build_fault_admin.cpp
    std::optional<FaultAction> admin_action();
    std::optional<FaultAction> config_change();
    std::optional<FaultAction> topic_create();
    std::optional<FaultAction> partitions_add();
    std::optional<Selector> configured();
    std::optional<FaultAction> elect();
    std::optional<std::string> existing_topic();
    bool elected_partitions(const JsonNode& value, ElectFault& fault);

    const JsonNode* find(std::string_view name) const { return node_.find(name); }
    bool is(std::string_view kind) const { return kind_.name == kind; }
    // Does `probability` decide about each message, and not about the fault?
    bool draws_each_message() const { return is("api-error") || is("response-drop"); }
    std::optional<Selector> selector(std::string_view name) {
        return build_selector(build_, find(name));
    }
    // Would the fault's `at` plus this leave the range of times? Reports it at the value.
    bool fits(const JsonNode& value, SimDuration span);

    Build& build_;
    const JsonNode& node_;
    const FaultKind& kind_;
    std::string_view id_;  // given or made up
};

}  // namespace bsim
