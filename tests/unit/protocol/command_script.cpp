#include "tests/unit/protocol/command_script.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace bsim::test {
namespace {

struct Paragraph {
    std::vector<std::string> head;  // comments and commands
    std::vector<std::string> output;
    int line = 0;

    std::vector<std::string> commands() const {
        std::vector<std::string> out;
        for (const std::string& one : head) {
            if (one[0] != '#')
                out.push_back(one);
        }
        return out;
    }
};

std::filesystem::path folder_of_text(const std::string& folder) {
    return std::filesystem::path(BSIM_TEST_TEXT) / folder;
}

std::vector<Paragraph> read_script(const std::filesystem::path& path) {
    std::vector<Paragraph> paragraphs;
    std::ifstream in(path);
    bool open = false;
    bool after_dashes = false;
    int number = 0;
    for (std::string line; std::getline(in, line);) {
        ++number;
        if (line.empty()) {
            open = after_dashes = false;
            continue;
        }
        if (!open)
            paragraphs.push_back({{}, {}, number});
        open = true;
        if (line == "----") {
            after_dashes = true;
        } else {
            (after_dashes ? paragraphs.back().output : paragraphs.back().head).push_back(line);
        }
    }
    return paragraphs;
}

void write_script(const std::filesystem::path& path, const std::vector<Paragraph>& paragraphs) {
    std::ofstream out(path);
    for (std::size_t i = 0; i < paragraphs.size(); ++i) {
        if (i > 0)
            out << '\n';
        for (const std::string& line : paragraphs[i].head)
            out << line << '\n';
        if (paragraphs[i].commands().empty())
            continue;
        out << "----\n";
        for (const std::string& line : paragraphs[i].output)
            out << line << '\n';
    }
}

}  // namespace

std::vector<std::string> split(const std::string& text, char at) {
    std::vector<std::string> parts;
    std::istringstream in(text);
    for (std::string part; std::getline(in, part, at);) {
        if (!part.empty())
            parts.push_back(part);
    }
    return parts;
}

Command::Command(const std::string& line) {
    const auto words = split(line, ' ');
    verb = words.at(0);
    for (std::size_t i = 1; i < words.size(); ++i) {
        const auto at = words[i].find('=');
        arguments[words[i].substr(0, at)] = at == std::string::npos ? "" : words[i].substr(at + 1);
    }
}

std::vector<std::string> scripts_in(const std::string& folder) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_of_text(folder))) {
        if (entry.path().extension() == ".txt")
            names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::string script_test_name(const testing::TestParamInfo<std::string>& file) {
    std::string name = file.param.substr(0, file.param.find('.'));
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

void run_script(
    const std::string& folder,
    const std::string& file,
    const std::function<std::vector<std::string>(const std::vector<std::string>&)>& run) {
    const std::filesystem::path path = folder_of_text(folder) / file;
    std::vector<Paragraph> paragraphs = read_script(path);
    ASSERT_FALSE(paragraphs.empty()) << path;
    const bool rewrite = std::getenv("BSIM_REWRITE") != nullptr;
    for (Paragraph& paragraph : paragraphs) {
        const std::vector<std::string> said = run(paragraph.commands());
        if (rewrite) {
            paragraph.output = said;
        } else {
            EXPECT_EQ(paragraph.output, said) << path.filename() << ":" << paragraph.line;
        }
    }
    if (rewrite)
        write_script(path, paragraphs);
}

}  // namespace bsim::test
