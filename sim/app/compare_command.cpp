#include "sim/app/compare_command.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/app/load_scenario.h"
#include "sim/app/recorded_file.h"
#include "sim/app/stored_run.h"
#include "sim/app/usage.h"
#include "sim/report/verdict.h"
#include "sim/scenario/quantity.h"

namespace bsim {
namespace {

namespace fs = std::filesystem;

struct CompareOptions {
    std::string run;
    std::string recording;
    std::string story;
    std::string from;
};

int refuse(ExitCode code, const std::string& why) {
    say("brokersim: " + why);
    return static_cast<int>(code);
}

int refuse(const std::vector<Diagnostic>& found,
           const std::string& file,
           const GlobalOptions& global) {
    if (global.json) {
        print_diagnostics_json(found, {file});
    } else {
        print_diagnostics(found, {file, {}}, global);
    }
    return static_cast<int>(ExitCode::InvalidScenario);
}

bool is_of_zookeeper(const RecordedStory& story) {
    return story.mode == "zk" || story.mode == "zookeeper";
}

// Those that are meant: of the run's partitions, and as --story says.
std::vector<RecordedStory> chosen(const std::vector<RecordedStory>& all,
                                  const std::vector<TopicPartition>& of_run,
                                  const CompareOptions& options) {
    std::vector<RecordedStory> out;
    for (const RecordedStory& story : all) {
        const bool named =
            options.story.empty() || story.name.find(options.story) != std::string::npos;
        const bool known = std::find(of_run.begin(), of_run.end(), story.p) != of_run.end();
        if (named && known && !is_of_zookeeper(story))
            out.push_back(story);
    }
    return out;
}

std::string names_of(const std::vector<RecordedStory>& stories) {
    std::string out;
    for (const RecordedStory& story : stories) {
        out += fmt::format(
            "\n  {} ({}, {})", story.name, story.p.to_string(),
            is_of_zookeeper(story) ? "ZooKeeper mode, which is not built yet" : "KRaft");
    }
    return out;
}

// One whose partition another one is about as well; nullptr if there is none.
const RecordedStory* told_twice(const std::vector<RecordedStory>& stories) {
    for (const RecordedStory& story : stories) {
        const auto same = std::count_if(stories.begin(), stories.end(),
                                        [&](const auto& other) { return other.p == story.p; });
        if (same > 1)
            return &story;
    }
    return nullptr;
}

int report(const std::vector<StoryComparison>& found,
           const CompareOptions& options,
           const GlobalOptions& global) {
    const bool same = std::all_of(found.begin(), found.end(),
                                  [](const StoryComparison& one) { return one.same(); });
    std::string out = global.json ? comparison_json(found) : comparison_text(found);
    if (!global.json) {
        const ComparedRow* row = nullptr;
        for (const StoryComparison& one : found)
            row = row == nullptr ? one.first_difference() : row;
        if (row != nullptr && row->at)
            out += fmt::format("  try: {} explain {} --event {}\n", shell_word(global.program),
                               shell_word(options.run), row->at->i.value());
        out += same ? "same\n" : "different\n";
    }
    print(out);
    return static_cast<int>(same ? ExitCode::Pass : ExitCode::Fail);
}

// With the run's trace, open at its beginning.
int compare(const std::vector<RecordedStory>& stories,
            std::istream& trace,
            const CompareOptions& options,
            const GlobalOptions& global) {
    const auto partitions = read_partitions(trace);
    if (!partitions.ok())
        return refuse(ExitCode::IoError, options.run + ": " + partitions.error().to_string());
    const auto wanted = chosen(stories, *partitions, options);
    if (wanted.empty()) {
        return refuse(
            ExitCode::Usage,
            fmt::format("no story of the recording is about a partition of this run{}; "
                        "it has:{}",
                        options.story.empty() ? "" : " and has such a name", names_of(stories)));
    }
    if (const RecordedStory* const twice = told_twice(wanted)) {
        return refuse(ExitCode::Usage,
                      fmt::format("several stories are about {}; choose one by --story:{}",
                                  twice->p.to_string(), names_of(wanted)));
    }
    std::optional<SimTime> from;
    if (!options.from.empty())
        from = SimTime() + *parse_duration(options.from);
    std::vector<StoryComparison> found;
    for (const RecordedStory& story : wanted) {
        trace.clear();
        trace.seekg(0);
        const auto changes = read_changes(trace, story.p, from);
        if (!changes.ok())
            return refuse(ExitCode::IoError, options.run + ": " + changes.error().to_string());
        found.push_back(compare_story(story, *changes));
    }
    return report(found, options, global);
}

int compare(const CompareOptions& options, const GlobalOptions& global) {
    const bool piped = options.recording == "-";
    std::error_code error;
    if (!piped && fs::is_directory(options.recording, error))
        return refuse(ExitCode::IoError, "cannot read " + options.recording + ": Is a directory");
    std::ifstream file;
    if (!piped)
        file.open(options.recording, std::ios::binary);
    std::istream& recording = piped ? std::cin : file;
    const std::string text{std::istreambuf_iterator<char>(recording), {}};
    if (!recording) {
        return refuse(ExitCode::IoError,
                      fmt::format("cannot read {}: {}", options.recording, std::strerror(errno)));
    }
    const auto stories = parse_recording(text, piped ? "standard input" : options.recording);
    if (!stories.ok())
        return refuse(stories.error(), options.recording, global);
    auto trace = open_whole_trace({options.run, {}, {}});
    if (!trace)
        return static_cast<int>(ExitCode::IoError);
    return compare(*stories, *trace, options, global);
}

}  // namespace

void add_compare_command(CLI::App& root, const GlobalOptions& global, int& exit_code) {
    auto options = std::make_shared<CompareOptions>();
    CLI::App* command = root.add_subcommand(
        "compare", "Compare recorded transitions of a real cluster with a run, step by step");
    command->add_option("RUN", options->run, "Run directory or trace file")
        ->required()
        ->check(path_complaint);
    command->add_option("RECORDED", options->recording, "Recorded transitions, JSON")
        ->required()
        ->check(path_complaint);
    command->add_option("--story", options->story,
                        "The story whose name holds this text; all that fit the run if not given");
    command
        ->add_option("--from", options->from,
                     "The story begins at this simulated time of the run, not when the "
                     "partition is created")
        ->check(duration_complaint);
    command->callback([options, &global, &exit_code] { exit_code = compare(*options, global); });
}

}  // namespace bsim
