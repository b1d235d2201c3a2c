#include "sim/app/describe_command.h"

#include <charconv>
#include <cstdio>
#include <memory>
#include <regex>
#include <string>

#include <nlohmann/json.hpp>

#include "sim/app/stored_run.h"
#include "sim/app/usage.h"
#include "sim/report/brokers_text.h"
#include "sim/report/log_dirs_text.h"
#include "sim/report/quorum_text.h"
#include "sim/report/topics_text.h"
#include "sim/report/verdict.h"

namespace bsim {
namespace {

constexpr int kIoError = static_cast<int>(ExitCode::IoError);
constexpr int kUsage = static_cast<int>(ExitCode::Usage);

// The cluster that the options name; nothing, and a word on stderr, if it cannot be read.
std::optional<ClusterAt> cluster_at(const StoredRunOptions& options) {
    auto trace = open_whole_trace(options);
    if (!trace)
        return std::nullopt;
    const auto data = open_data(options);
    auto cluster = read_cluster_at(*trace, options.moment(), {read_manifest(options), data.get()});
    if (cluster.ok())
        return std::move(*cluster);
    say("brokersim: " + options.trace_path() + ": " + cluster.error().to_string());
    return std::nullopt;
}

void say_if_not_whole(const ClusterAt& cluster, const GlobalOptions& global) {
    if (!cluster.image_is_whole && !global.quiet) {
        say("brokersim: no node's files hold the metadata log up to then (--data): settings of "
            "topics are left out, and those that admin gave to brokers");
    }
}

// The list between commas, without empty elements.
std::set<std::string> elements(const std::string& text) {
    std::set<std::string> found;
    for (std::size_t from = 0; from <= text.size();) {
        const std::size_t comma = std::min(text.find(',', from), text.size());
        if (comma > from)
            found.insert(text.substr(from, comma - from));
        from = comma + 1;
    }
    return found;
}

std::optional<BrokerId> broker_id(const std::string& text) {
    std::int32_t id = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    return whole && id >= 0 ? std::optional(BrokerId(id)) : std::nullopt;
}

std::string broker_list_complaint(const std::string& text) {
    for (const std::string& element : elements(text)) {
        if (!broker_id(element))
            return "\"" + element + "\" is no broker's id; expected a list such as 1,2,3";
    }
    return "";
}

struct TopicOptions : StoredRunOptions {
    TopicQuery query;
};

int refuse(const std::string& complaint) {
    say("Error while executing topic command : " + complaint);
    return kUsage;
}

// Who chooses topics by an expression that is none hears of it.
template <class Choose>
int choose_topics(const TopicOptions& options, Choose&& choose) {
    try {
        return choose();
    } catch (const std::regex_error&) {
        return refuse(topic_expression(*options.query.topic) + " is an invalid regex.");
    }
}

int list(const TopicOptions& options, const GlobalOptions& global) {
    const auto cluster = cluster_at(options);
    if (!cluster)
        return kIoError;
    return choose_topics(options, [&] {
        const auto names = matching_topics(*cluster, options.query);
        if (global.json) {
            print_json(list_topics_json(names));
        } else {
            print(list_topics(names));
        }
        return 0;
    });
}

int describe(const TopicOptions& options, const GlobalOptions& global) {
    const auto cluster = cluster_at(options);
    if (!cluster)
        return kIoError;
    return choose_topics(options, [&] {
        const auto names = existing_topics(*cluster, options.query);
        if (!names.ok())
            return refuse(names.error());
        say_if_not_whole(*cluster, global);
        if (global.json) {
            print_json(describe_topics_json(*cluster, *names, options.query));
        } else {
            print(describe_topics(*cluster, *names, options.query));
        }
        return 0;
    });
}

void add_name_options(CLI::App& command, TopicOptions& options) {
    add_stored_run_options(command, options);
    add_stored_data_option(command, options);
    command.add_option("--topic", options.query.topic,
                       "Topics whose whole name this regular expression matches");
    command.add_flag("--exclude-internal", options.query.exclude_internal,
                     "Without the topics that brokers keep for themselves");
}

void add_topics(CLI::App& root, const GlobalOptions& global, int& exit_code) {
    CLI::App* topics = root.add_subcommand("topics", "Show the topics of a run at a moment of it");
    topics->require_subcommand(1);
    topics->fallthrough();

    auto options = std::make_shared<TopicOptions>();
    TopicQuery& query = options->query;
    CLI::App* command = topics->add_subcommand(
        "describe", "Leaders, replicas and ISRs, as kafka-topics.sh --describe shows them");
    add_name_options(*command, *options);
    command->add_option("--topic-id", query.topic_id, "The topic with this id");
    auto* overrides = command->add_flag("--topics-with-overrides", query.with_overrides,
                                        "Topics only, with settings that are not Kafka's defaults");
    const auto add_filter = [&](const char* name, bool& wanted, const char* help) {
        command->add_flag(name, wanted, help)->excludes(overrides);
    };
    add_filter("--under-replicated-partitions", query.under_replicated,
               "Partitions with an ISR smaller than their replicas");
    add_filter("--unavailable-partitions", query.unavailable, "Partitions without a live leader");
    add_filter("--under-min-isr-partitions", query.under_min_isr,
               "Partitions with an ISR below min.insync.replicas");
    add_filter("--at-min-isr-partitions", query.at_min_isr,
               "Partitions with an ISR of just min.insync.replicas");
    command->callback([options, &global, &exit_code] { exit_code = describe(*options, global); });

    auto listed = std::make_shared<TopicOptions>();
    CLI::App* names = topics->add_subcommand("list", "Names, as kafka-topics.sh --list shows them");
    add_name_options(*names, *listed);
    names->callback([listed, &global, &exit_code] { exit_code = list(*listed, global); });
}

// The group of commands with its only member, which takes a run.
CLI::App* add_describe(CLI::App& root,
                       const char* name,
                       const std::string& group_help,
                       const std::string& help,
                       StoredRunOptions& options) {
    CLI::App* group = root.add_subcommand(name, group_help);
    group->require_subcommand(1);
    group->fallthrough();
    CLI::App* command = group->add_subcommand("describe", help);
    add_stored_run_options(*command, options);
    add_stored_data_option(*command, options);
    return command;
}

void add_brokers(CLI::App& root, const GlobalOptions& global, int& exit_code) {
    auto options = std::make_shared<StoredRunOptions>();
    CLI::App* command = add_describe(
        root, "brokers", "Show the brokers of a run at a moment of it",
        "A line a broker: what the controller has of it, its process, its replicas", *options);
    command->callback([options, &global, &exit_code] {
        const auto cluster = cluster_at(*options);
        exit_code = cluster ? 0 : kIoError;
        if (!cluster)
            return;
        if (global.json) {
            print_json(describe_brokers_json(*cluster));
        } else {
            print(describe_brokers(*cluster));
        }
    });
}

struct QuorumOptions : StoredRunOptions {
    bool status = false;
    bool replication = false;
    bool human_readable = false;
};

int describe(const QuorumOptions& options, const GlobalOptions& global) {
    if (options.human_readable && !options.replication) {
        say("brokersim: The option --human-readable is only supported along with --replication");
        return kUsage;
    }
    const auto cluster = cluster_at(options);
    if (!cluster)
        return kIoError;
    if (!cluster->quorum.leader() && !global.quiet)
        say("brokersim: nobody leads the metadata quorum at that time");
    if (global.json) {
        print_json(quorum_json(*cluster));
    } else if (options.replication) {
        print(quorum_replication(*cluster, options.human_readable));
    } else {
        print(quorum_status(*cluster));
    }
    return 0;
}

void add_quorum(CLI::App& root, const GlobalOptions& global, int& exit_code) {
    auto options = std::make_shared<QuorumOptions>();
    CLI::App* command =
        add_describe(root, "quorum", "Show the metadata quorum of a run at a moment of it",
                     "As kafka-metadata-quorum.sh describe shows it; copies of the log as they "
                     "are, and the last fetches of which the trace tells",
                     *options);
    auto* status = command->add_flag("--status", options->status, "In short (default)");
    command->add_flag("--replication", options->replication, "A line a node instead")
        ->excludes(status);
    command->add_flag("--human-readable", options->human_readable,
                      "With --replication: so many milliseconds ago");
    command->callback([options, &global, &exit_code] { exit_code = describe(*options, global); });
}

struct LogDirOptions : StoredRunOptions {
    std::string brokers;
    std::string topics;
};

int describe(const LogDirOptions& options, const GlobalOptions& global) {
    const auto cluster = cluster_at(options);
    if (!cluster)
        return kIoError;
    LogDirQuery query;
    query.topics = elements(options.topics);
    for (const std::string& element : elements(options.brokers))
        query.brokers.insert(*broker_id(element));
    const std::string complaint = unknown_brokers(*cluster, query);
    if (!complaint.empty()) {
        say(complaint);
        return kUsage;
    }
    if (global.json) {
        print_json(log_dirs_json(*cluster, query));
    } else {
        print(describe_log_dirs(*cluster, query));
    }
    return 0;
}

void add_log_dirs(CLI::App& root, const GlobalOptions& global, int& exit_code) {
    auto options = std::make_shared<LogDirOptions>();
    CLI::App* command =
        add_describe(root, "log-dirs", "Show the log directories of a run at a moment of it",
                     "As kafka-log-dirs.sh --describe shows them; a log's size is what was "
                     "appended, less what was truncated or deleted, by the trace",
                     *options);
    command->add_option("--broker-list", options->brokers, "These brokers only, such as 1,2")
        ->check(broker_list_complaint);
    command->add_option("--topic-list", options->topics, "These topics only, such as orders,users");
    command->callback([options, &global, &exit_code] { exit_code = describe(*options, global); });
}

}  // namespace

void add_describe_commands(CLI::App& root, const GlobalOptions& global, int& exit_code) {
    add_topics(root, global, exit_code);
    add_brokers(root, global, exit_code);
    add_quorum(root, global, exit_code);
    add_log_dirs(root, global, exit_code);
}

}  // namespace bsim
