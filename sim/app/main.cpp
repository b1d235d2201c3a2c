// brokersim: a deterministic simulator of a Kafka cluster. One file a command; this one reads the
// command line and turns what cannot be handled elsewhere into exit codes.

#include <CLI/CLI.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <string>

#include "sim/app/check_command.h"
#include "sim/app/compare_command.h"
#include "sim/app/describe_command.h"
#include "sim/app/dump_log_command.h"
#include "sim/app/explain_command.h"
#include "sim/app/groups_command.h"
#include "sim/app/replay_command.h"
#include "sim/app/run_command.h"
#include "sim/app/schema_command.h"
#include "sim/app/sweep_command.h"
#include "sim/app/terminal.h"
#include "sim/app/trace_command.h"
#include "sim/app/usage.h"
#include "sim/app/version.h"
#include "sim/base/check.h"
#include "sim/base/host_error.h"
#include "sim/report/verdict.h"
#include "sim/storage/descriptor_limit.h"

// Read by jemalloc where the program is linked with it. A large cluster is a gigabyte of small
// objects, all over which an event's steps are spread: with huge pages a quarter less of user time
// goes by, as fewer addresses must be looked up.
extern "C" const char* const malloc_conf = "thp:always";

namespace {

using bsim::ExitCode;
using bsim::GlobalOptions;

void add_global_options(CLI::App& root, GlobalOptions& global) {
    root.add_flag("-q,--quiet", global.quiet, "Say only what went wrong");
    root.add_flag("-v,--verbose", global.verbose, "Say more");
    root.add_flag("--json", global.json, "One JSON object on stdout instead of text");
    root.add_option("--color", global.color, "auto, always or never")
        ->check(CLI::IsMember({"auto", "always", "never"}));
    root.add_option("--progress", global.progress, "auto or never")
        ->check(CLI::IsMember({"auto", "never"}));
    root.set_version_flag("-V,--version", bsim::version_line());
    root.fallthrough();
    root.require_subcommand(1);
}

// --check=no is no way to leave a flag out.
void let_flags_take_no_value(CLI::App& app) {
    for (CLI::Option* option : app.get_options()) {
        if (option->get_expected_max() == 0)
            option->disable_flag_override();
    }
    for (CLI::App* command : app.get_subcommands(nullptr))
        let_flags_take_no_value(*command);
}

int run(int argc, char** argv) {
    CLI::App root("Deterministic simulator of a Kafka cluster", "brokersim");
    GlobalOptions global;
    if (argc > 0)
        global.program = argv[0];
    int exit_code = 0;
    add_global_options(root, global);
    bsim::add_run_command(root, global, exit_code);
    bsim::add_check_command(root, global, exit_code);
    bsim::add_sweep_command(root, global, exit_code);
    bsim::add_replay_command(root, global, exit_code);
    bsim::add_schema_command(root, global);
    bsim::add_trace_command(root, exit_code);
    bsim::add_dump_log_command(root, exit_code);
    bsim::add_groups_command(root, global, exit_code);
    bsim::add_describe_commands(root, global, exit_code);
    bsim::add_explain_command(root, global, exit_code);
    bsim::add_compare_command(root, global, exit_code);
    bsim::add_version_command(root, global);
    let_flags_take_no_value(root);
    try {
        root.parse(argc, argv);
    } catch (const CLI::CallForHelp& help) {
        return root.exit(help);
    } catch (const CLI::CallForAllHelp& help) {
        return root.exit(help);
    } catch (const CLI::CallForVersion& version) {
        return root.exit(version);
    } catch (const CLI::ParseError& error) {
        bsim::say("brokersim: " + bsim::usage_complaint(root, error));
        bsim::say("try: " + bsim::help_command(root));
        return static_cast<int>(ExitCode::Usage);
    }
    return exit_code;
}

// What did not reach standard output must not look like a success.
int with_output_written(int exit_code) {
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0)
        return exit_code;
    bsim::say(std::string("brokersim: cannot write to standard output: ") + std::strerror(errno));
    return static_cast<int>(ExitCode::IoError);
}

}  // namespace

int main(int argc, char** argv) {
    bsim::raise_descriptor_limit();
    std::signal(SIGXFSZ, SIG_IGN);  // the write that is refused says which file
    try {
        return with_output_written(run(argc, argv));
    } catch (const bsim::HostError& error) {
        bsim::say(std::string("brokersim: ") + error.what());
        return static_cast<int>(ExitCode::IoError);
    } catch (const std::exception& error) {
        bsim::say(std::string("brokersim: internal bug: ") + error.what());
        return static_cast<int>(ExitCode::InternalBug);
    }
}
