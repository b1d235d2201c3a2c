#include "tests/unit/protocol/client_story_file.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

namespace bsim::client_test {
namespace {

struct Part {
    std::vector<std::string> verbs;
    std::string output;
};

std::vector<Part> read_parts(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::vector<Part> parts;
    bool in_output = true;
    for (std::string line; std::getline(file, line);) {
        if (in_output && line.empty())
            continue;
        const bool is_output_line = in_output && !parts.empty() && line[0] >= '0' && line[0] <= '9';
        if (is_output_line) {
            parts.back().output += line + "\n";
        } else if (line == "----") {
            in_output = true;
        } else {
            if (in_output)
                parts.emplace_back();
            in_output = false;
            parts.back().verbs.push_back(line);
        }
    }
    return parts;
}

}  // namespace

StoryVerb::StoryVerb(const std::string& line) {
    std::istringstream in(line);
    in >> name;
    for (std::string word; in >> word;) {
        const auto equals = word.find('=');
        if (equals == std::string::npos) {
            args.push_back(word);
        } else {
            options[word.substr(0, equals)] = word.substr(equals + 1);
        }
    }
}

void run_stories(const std::filesystem::path& file,
                 const std::function<std::string(const std::vector<std::string>&)>& run) {
    const std::vector<Part> parts = read_parts(file);
    ASSERT_FALSE(parts.empty());
    const bool rewrite = std::getenv("BSIM_REWRITE") != nullptr;
    std::string rewritten;
    for (const Part& part : parts) {
        const std::string output = run(part.verbs);
        if (!rewritten.empty())
            rewritten += "\n";
        for (const std::string& verb : part.verbs)
            rewritten += verb + "\n";
        rewritten += "----\n" + output;
        if (!rewrite) {
            EXPECT_EQ(output, part.output) << part.verbs.front();
        }
    }
    if (rewrite)
        std::ofstream(file) << rewritten;
}

std::vector<std::string> story_files(bool of_consumers) {
    std::vector<std::string> names;
    for (const auto& entry :
         std::filesystem::directory_iterator(std::string(BSIM_TEST_TEXT) + "/client")) {
        const std::string name = entry.path().filename().string();
        // The groups' stories have a test of their own.
        if (name.starts_with("group_"))
            continue;
        if (name.starts_with("consumer-") == of_consumers)
            names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace bsim::client_test
