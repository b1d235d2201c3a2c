#pragma once
// Files of stories: verbs, a line ----, what came of them; an empty line ends the output. Lines of
// output begin with a digit.

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace bsim::client_test {

// A line of a story: KEY=VALUE are options, all else are arguments.
struct StoryVerb {
    explicit StoryVerb(const std::string& line);

    std::string name;
    std::vector<std::string> args;
    std::map<std::string, std::string> options;
};

// Runs every story of the file and compares; BSIM_REWRITE=1 writes the outputs anew.
void run_stories(const std::filesystem::path& file,
                 const std::function<std::string(const std::vector<std::string>&)>& run);

// The names of the story files in tests/text/client, sorted: those that begin with "consumer-", or
// all others.
std::vector<std::string> story_files(bool of_consumers);

}  // namespace bsim::client_test
