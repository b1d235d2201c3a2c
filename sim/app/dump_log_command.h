#pragma once
// `brokersim dump-log FILE…`: what is in the files of a log directory, as kafka-dump-log shows it.
// Exit code 1 if there is anything to complain about, 6 if stdout cannot be written.

#include <CLI/CLI.hpp>

namespace bsim {

CLI::App* add_dump_log_command(CLI::App& root, int& exit_code);

}  // namespace bsim
