#include "sim/app/groups_command.h"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/app/stored_run.h"
#include "sim/report/groups_text.h"
#include "sim/report/results_json.h"
#include "sim/report/verdict.h"

namespace bsim {
namespace {

struct Options : StoredRunOptions {
    std::vector<std::string> groups;
    bool offsets = false;
    bool members = false;
    bool state = false;
};

// The cluster at the moment that the options name; nothing, and a word on stderr, if the run cannot
// be read.
std::optional<ClusterView> cluster_at(const Options& options) {
    auto trace = open_whole_trace(options);
    if (!trace)
        return std::nullopt;
    std::optional<ClusterView> view(std::in_place);
    const auto done = read_cluster(*trace, options.moment(), *view);
    if (done.ok())
        return view;
    say("brokersim: " + options.trace_path() + ": " + done.error().to_string());
    return std::nullopt;
}

// Empty if all groups exist.
std::string unknown_group(const ClusterView& view, const std::vector<std::string>& wanted) {
    std::vector<std::string> known;
    for (const auto& [id, group] : view.groups().groups())
        known.push_back(id);
    for (const std::string& id : wanted) {
        if (view.groups().group(id) != nullptr)
            continue;
        return fmt::format("there is no group \"{}\" at that time; {}", id,
                           known.empty() ? "there is none at all"
                                         : fmt::format("there are: {}", fmt::join(known, ", ")));
    }
    return "";
}

// One JSON object: the groups as results.json has them, all or those that are asked for.
void print_groups(const ClusterView& view, const std::vector<std::string>& wanted) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (auto& group : groups_json(view)) {
        const auto& id = group["group"].get_ref<const std::string&>();
        if (wanted.empty() || std::find(wanted.begin(), wanted.end(), id) != wanted.end())
            list.push_back(std::move(group));
    }
    print_json({{"groups", std::move(list)}});
}

int describe(const Options& options, const GlobalOptions& global) {
    const auto view = cluster_at(options);
    if (!view)
        return static_cast<int>(ExitCode::IoError);
    const std::string complaint = unknown_group(*view, options.groups);
    if (!complaint.empty()) {
        say("brokersim: " + complaint);
        return static_cast<int>(ExitCode::Usage);
    }
    if (global.json) {
        print_groups(*view, options.groups);
        return 0;
    }
    GroupsShown query;
    query.groups = options.groups;
    if (query.groups.empty()) {
        for (const auto& [id, group] : view->groups().groups())
            query.groups.push_back(id);
    }
    std::sort(query.groups.begin(), query.groups.end());
    query.groups.erase(std::unique(query.groups.begin(), query.groups.end()), query.groups.end());
    query.verbose = global.verbose > 0;
    if (options.members)
        query.table = GroupTable::Members;
    if (options.state)
        query.table = GroupTable::State;
    for (const SaidText& said : describe_groups(*view, query)) {
        std::FILE* const out = said.talk ? stderr : stdout;
        std::fwrite(said.text.data(), 1, said.text.size(), out);
        std::fflush(out);
    }
    return 0;
}

int list(const Options& options, const GlobalOptions& global) {
    const auto view = cluster_at(options);
    if (!view)
        return static_cast<int>(ExitCode::IoError);
    if (global.json) {
        print_groups(*view, {});
        return 0;
    }
    const std::string text = list_groups(*view, options.state);
    print(text);
    return 0;
}

}  // namespace

void add_groups_command(CLI::App& root, const GlobalOptions& global, int& exit_code) {
    CLI::App* groups =
        root.add_subcommand("groups", "Show the consumer groups of a run at a moment of it");
    groups->require_subcommand(1);
    groups->fallthrough();

    auto options = std::make_shared<Options>();
    CLI::App* command = groups->add_subcommand(
        "describe", "Offsets and lag, as kafka-consumer-groups.sh --describe shows them");
    add_stored_run_options(*command, *options);
    command->add_option("--group", options->groups, "Show this group only; may repeat")
        ->allow_extra_args(false);
    auto* offsets = command->add_flag("--offsets", options->offsets, "Offsets and lag (default)");
    auto* members = command->add_flag("--members", options->members, "Members instead of offsets");
    auto* state = command->add_flag("--state", options->state, "The group's state instead");
    offsets->excludes(members)->excludes(state);
    members->excludes(state);
    command->callback([options, &global, &exit_code] { exit_code = describe(*options, global); });

    auto listed = std::make_shared<Options>();
    CLI::App* names =
        groups->add_subcommand("list", "Names, as kafka-consumer-groups.sh --list shows them");
    add_stored_run_options(*names, *listed);
    names->add_flag("--state", listed->state, "With the groups' states");
    names->callback([listed, &global, &exit_code] { exit_code = list(*listed, global); });
}

}  // namespace bsim
