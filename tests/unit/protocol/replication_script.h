#pragma once
// Text scripts: blocks of command lines, a line `----`, the expected output, a blank line. Lines
// that start with # are comments. With BSIM_REWRITE=1 in the environment run_scripts() puts the
// actual output into the files instead of comparing.

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace bsim::replication::test {

// `verb key=value key=value flag`, values without spaces; lists are comma-separated.
struct Command {
    std::string line;
    std::string verb;
    std::map<std::string, std::string> args;

    bool has(const std::string& key) const { return args.contains(key); }
    std::string text(const std::string& key) const { return args.at(key); }
    std::int64_t number(const std::string& key, std::int64_t otherwise) const;
    std::vector<std::int32_t> list(const std::string& key) const;
};

// One script's interpreter: appends its output, one or more lines, to `out`.
using Interpreter = std::function<void(const Command&, std::string& out)>;

// Runs every tests/text/<folder>/<prefix>*.txt, each with a fresh interpreter; fails the current
// test where the output differs, and when there is no such file.
void run_scripts(const std::string& folder,
                 const std::string& prefix,
                 const std::function<Interpreter()>& fresh);

}  // namespace bsim::replication::test
