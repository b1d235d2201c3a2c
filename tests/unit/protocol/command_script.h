#pragma once
// Scripts in tests/text: paragraphs of comments (#) and commands with `name=value` arguments, a
// line of four dashes, and what then came of them, up to the next empty line.

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace bsim::test {

std::vector<std::string> split(const std::string& text, char at);

// One line: a verb and its arguments; one without `=` has an empty value.
struct Command {
    explicit Command(const std::string& line);

    std::string verb;
    std::map<std::string, std::string> arguments;
};

// The file names, sorted, of the scripts in a folder of tests/text.
std::vector<std::string> scripts_in(const std::string& folder);
// Of such a file name, what GoogleTest allows.
std::string script_test_name(const testing::TestParamInfo<std::string>& file);

// Runs the commands of each paragraph in turn and compares what `run` returns with what is written;
// with BSIM_REWRITE in the environment it is written anew instead.
void run_script(
    const std::string& folder,
    const std::string& file,
    const std::function<std::vector<std::string>(const std::vector<std::string>&)>& run);

}  // namespace bsim::test
