#include "sim/app/trace_command.h"

#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

#include "sim/app/stored_run.h"
#include "sim/app/terminal.h"
#include "sim/app/usage.h"
#include "sim/app/where_check.h"
#include "sim/report/state_snapshots.h"
#include "sim/report/trace_text.h"
#include "sim/report/verdict.h"
#include "sim/scenario/quantity.h"

namespace bsim {
namespace {

struct Options {
    std::string run;
    std::string where;
    std::string from;
    std::string to;
    std::string format = "text";
};

class StdoutSink : public TextSink {
  public:
    void write(std::string_view text) override { std::fwrite(text.data(), 1, text.size(), stdout); }
};

int show(const Options& options) {
    TraceQuery query;
    if (!options.from.empty())
        query.from = SimTime(0) + *parse_duration(options.from);
    if (!options.to.empty())
        query.to = SimTime(0) + *parse_duration(options.to);
    query.format = *parse_trace_format(options.format);
    if (!options.where.empty())
        query.where = *parse_where(options.where);
    take_units(query.where);

    StdoutSink out;
    if (options.run == "-") {
        const auto shown = render_trace(std::cin, query, out);
        if (shown.ok())
            return 0;
        say("brokersim: <stdin>: " + shown.error().to_string());
        return static_cast<int>(ExitCode::IoError);
    }
    const StoredRunOptions stored{options.run, {}, {}};
    const std::filesystem::path path = stored.trace_path();
    auto in = open_trace(stored);
    if (!in)
        return static_cast<int>(ExitCode::IoError);
    if (query.from && path.filename() == "trace.jsonl")
        query.begin = last_snapshot(path.parent_path() / "snapshots.jsonl", *query.from);
    const auto shown = render_trace(*in, query, out);
    if (shown.ok())
        return 0;
    say("brokersim: " + path.string() + ": " + shown.error().to_string());
    return static_cast<int>(ExitCode::IoError);
}

}  // namespace

void add_trace_command(CLI::App& root, int& exit_code) {
    auto options = std::make_shared<Options>();
    CLI::App* command = root.add_subcommand("trace", "Show the trace of a run");
    command->add_option("RUN", options->run, "Run directory or trace file; - is standard input")
        ->required()
        ->check(path_complaint);
    command
        ->add_option(
            "--where", options->where,
            "Conditions joined by and, or: \"k=PartitionChanged and p=orders-0\", \"hw>10\"")
        ->check([](const std::string& text) {
            const auto parsed = parse_where(text);
            return parsed.ok() ? where_complaint(*parsed) : parsed.error();
        });
    command->add_option("--from", options->from, "First simulated time, such as 10s")
        ->check(duration_complaint);
    command->add_option("--to", options->to, "End of the simulated time, excluded")
        ->check(duration_complaint);
    command->add_option("--format", options->format, "text, jsonl or csv")
        ->check([](const std::string& text) {
            return parse_trace_format(text) ? std::string()
                                            : "format \"" + text + "\" is none of text, jsonl, csv";
        });
    command->callback([options, &exit_code] {
        if (!options->from.empty() && !options->to.empty() &&
            *parse_duration(options->from) >= *parse_duration(options->to))
            throw CLI::ValidationError("--from is not before --to");
        exit_code = show(*options);
    });
}

}  // namespace bsim
