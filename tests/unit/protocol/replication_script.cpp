#include "tests/unit/protocol/replication_script.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

namespace bsim::replication::test {

namespace {

Command parse(const std::string& line) {
    Command command;
    command.line = line;
    std::istringstream words(line);
    words >> command.verb;
    for (std::string word; words >> word;) {
        const auto equals = word.find('=');
        command.args[word.substr(0, equals)] =
            equals == std::string::npos ? "" : word.substr(equals + 1);
    }
    return command;
}

std::vector<std::string> read_lines(const std::filesystem::path& path) {
    std::ifstream in(path);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);)
        lines.push_back(line);
    return lines;
}

void run_file(const std::filesystem::path& path, const Interpreter& interpreter, bool rewrite) {
    const std::vector<std::string> lines = read_lines(path);
    std::string rewritten;
    std::string actual;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::string& line = lines[i];
        rewritten += line + "\n";
        if (line.empty() || line[0] == '#')
            continue;
        if (line != "----") {
            interpreter(parse(line), actual);
            continue;
        }
        std::string expected;
        while (i + 1 < lines.size() && !lines[i + 1].empty())
            expected += lines[++i] + "\n";
        if (!rewrite) {
            EXPECT_EQ(actual, expected) << path << ":" << i + 1;
        }
        rewritten += actual;
        actual.clear();
    }
    EXPECT_TRUE(actual.empty()) << path << ": commands after the last ----";
    if (rewrite) {
        std::ofstream(path) << rewritten;
    }
}

}  // namespace

std::int64_t Command::number(const std::string& key, std::int64_t otherwise) const {
    const auto found = args.find(key);
    return found == args.end() ? otherwise : std::stoll(found->second);
}

std::vector<std::int32_t> Command::list(const std::string& key) const {
    std::vector<std::int32_t> values;
    const auto found = args.find(key);
    if (found == args.end())
        return values;
    std::istringstream items(found->second);
    for (std::string item; std::getline(items, item, ',');)
        values.push_back(std::stoi(item));
    return values;
}

void run_scripts(const std::string& folder,
                 const std::string& prefix,
                 const std::function<Interpreter()>& fresh) {
    const bool rewrite = std::getenv("BSIM_REWRITE") != nullptr;
    std::vector<std::filesystem::path> files;
    for (const auto& entry :
         std::filesystem::directory_iterator(std::filesystem::path(BSIM_TEST_TEXT) / folder)) {
        if (entry.path().filename().string().starts_with(prefix))
            files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    ASSERT_FALSE(files.empty());
    for (const auto& path : files)
        run_file(path, fresh(), rewrite);
}

}  // namespace bsim::replication::test
