#include "sim/storage/log_files.h"

#include <charconv>
#include <fmt/format.h>

namespace bsim {
namespace {

template <class Int>
std::optional<Int> parse_whole(std::string_view text) {
    Int value{};
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc() || end != text.data() + text.size() || text.empty())
        return {};
    return value;
}

bool all_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

std::string log_file_name(Offset base, std::string_view suffix) {
    return fmt::format("{:020}{}", base.value(), suffix);
}

std::optional<Offset> offset_of_file(std::string_view name) {
    const std::string_view stem = name.substr(0, name.find('.'));
    if (stem.size() == name.size() || !all_digits(stem))
        return {};
    const auto value = parse_whole<std::int64_t>(stem);
    if (!value)
        return {};
    return Offset(*value);
}

bool is_log_file(std::string_view name, std::string_view suffix) {
    return name.size() > suffix.size() && name.ends_with(suffix) &&
           name.find('.') == name.size() - suffix.size() && offset_of_file(name).has_value();
}

std::optional<TopicPartition> parse_partition_dir(std::string_view name) {
    const std::size_t dash = name.rfind('-');
    if (dash == std::string_view::npos || dash == 0 || !all_digits(name.substr(dash + 1))) {
        return {};
    }
    const auto partition = parse_whole<std::int32_t>(name.substr(dash + 1));
    if (!partition)
        return {};
    return TopicPartition{std::string(name.substr(0, dash)), PartitionIndex(*partition)};
}

std::string partition_dir_name(const TopicPartition& tp) {
    return tp.to_string();
}

}  // namespace bsim
