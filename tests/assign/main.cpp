// Assigns the cases on standard input, one a line in the form of
// tests/data/classes/assignors.jsonl, and prints each with our answers in the place of the recorded
// ones. A file of recorded cases comes out as it went in. Cases that are not of a client's assignor
// get "unsupported": true instead. Exit status: 2 if a line is no case.

#include <exception>
#include <iostream>
#include <string>

#include "tests/assign/case.h"

namespace bsim::group::testing {
namespace {

std::string answer(const std::string& text) {
    const Json line = Json::parse(text);
    if (const auto read = read_case(line))
        return answered(line, *read).dump();
    Json out = line;
    for (const char* key : {"output", "output_if_hashmap_differs", "error"})
        out.erase(key);
    out["unsupported"] = true;
    return out.dump();
}

int run() {
    std::string text;
    for (int number = 1; std::getline(std::cin, text); ++number) {
        if (text.empty())
            continue;
        try {
            std::cout << answer(text) << '\n';
        } catch (const std::exception& wrong) {
            std::cerr << "assign: line " << number << ": " << wrong.what() << '\n';
            return 2;
        }
    }
    return 0;
}

}  // namespace
}  // namespace bsim::group::testing

int main() {
    std::ios::sync_with_stdio(false);
    return bsim::group::testing::run();
}
