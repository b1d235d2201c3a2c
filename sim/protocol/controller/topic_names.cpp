#include "sim/protocol/controller/topic_names.h"

#include <algorithm>
#include <fmt/format.h>

namespace bsim::controller {
namespace {

// Leaves room in a directory name for the partition and a suffix: 255 is what file systems take.
constexpr std::size_t kLongestName = 249;

bool is_legal(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

}  // namespace

std::optional<std::string> invalid_topic_name(std::string_view name) {
    if (name.empty())
        return "a topic name has at least one character";
    if (name == "." || name == "..")
        return fmt::format("a topic cannot be called '{}'", name);
    if (name.size() > kLongestName) {
        return fmt::format("the topic name has {} characters, more than {}", name.size(),
                           kLongestName);
    }
    if (!std::all_of(name.begin(), name.end(), is_legal)) {
        return fmt::format("'{}' has characters other than letters, digits, '.', '_', '-'", name);
    }
    return std::nullopt;
}

}  // namespace bsim::controller
