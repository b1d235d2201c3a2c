// What a scenario may name, and which parts of the format this program can do.
#include "sim/check/registry.h"
#include "sim/metrics/metric_lookup.h"
#include "sim/wire/api_table.h"
#include "sim/wire/error_code.h"
#include "sim/world/event_match.h"
#include "sim/world/fault_table.h"
#include "sim/world/judged_run.h"

namespace bsim {
namespace {

// Parts of the format that are built (all_features() has the names of all that can be). Kinds of
// faults stand in fault_table.cpp instead. To switch a part on is one line here.
constexpr std::string_view kBuilt[] = {
    "cluster.quorum",
    "cluster.combined",
    "network.links",
    "link.bandwidth",
    "link.loss",
    "link.duplicate",
    "link.reorder",
    "link.corrupt",
    "record.messages.full",
    "node.disk",
    "disk.capacity",
    "node.cpu",
    "clock.skew",
    "clock.drift",
    "fault.mode.power",
    "switch.pre_vote",
    "switch.leader_resign_on_no_fetch",
    "switch.commit_own_epoch_only",
    "switch.persist_vote",
    "switch.truncation",
    "switch.consumer_truncation_check",
    "scenario.consumers",
    "fault.clients",
    "switch.commit_fencing",
    "switch.require_member_id",
    "switch.offsets_load",
    "switch.commit_ack",
};

}  // namespace

Vocabulary vocabulary() {
    Vocabulary words;
    for (const std::string_view name : check_names())
        words.checks.emplace_back(name);
    words.events = event_words();
    words.metrics = metrics::sample_names();
    words.metric_labels = metrics::sample_labels();
    for (const wire::ApiInfo& api : wire::kApiTable)
        words.apis.emplace_back(api.name);
    for (const wire::ErrorCode error : wire::all_errors())
        words.errors.emplace_back(name(error));
    for (const std::string_view feature : kBuilt)
        words.features.emplace_back(feature);
    for (const FaultRow& row : fault_table())
        words.features.push_back("fault." + std::string(row.kind));
    return words;
}

}  // namespace bsim
