#pragma once
// What is wrong with a command line, in words. CLI11 says which of its rules was broken; the user
// wants to know which word was wrong, and what was likely meant.

#include <CLI/CLI.hpp>
#include <string>

namespace bsim {

// One line without a line feed, such as `unknown command "rnu"; did you mean "run"?`. `root` is the
// parser that threw `error`.
std::string usage_complaint(const CLI::App& root, const CLI::ParseError& error);

// What to ask for help: "brokersim --help", or that of the command that was recognized.
std::string help_command(const CLI::App& root);

// For CLI::Option::check: empty if the text is not. A shell makes an empty word of a variable that
// is not set.
std::string path_complaint(const std::string& text);

// The same for a duration such as "30s", and for a whole number above zero.
std::string duration_complaint(const std::string& text);
std::string count_complaint(const std::string& text);

}  // namespace bsim
