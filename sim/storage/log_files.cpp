#include "sim/storage/log_files.h"

#include <charconv>
#include <fmt/format.h>

#include "sim/model/partition_name.h"

namespace bsim {
namespace {

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
    std::int64_t value = 0;
    const auto [end, code] = std::from_chars(stem.data(), stem.data() + stem.size(), value);
    if (code != std::errc())
        return {};
    return Offset(value);
}

bool is_log_file(std::string_view name, std::string_view suffix) {
    return name.size() > suffix.size() && name.ends_with(suffix) &&
           name.find('.') == name.size() - suffix.size() && offset_of_file(name).has_value();
}

std::optional<TopicPartition> parse_partition_dir(std::string_view name) {
    return parse_partition_name(name);
}

std::string partition_dir_name(const TopicPartition& tp) {
    return tp.to_string();
}

std::string suffixed_dir_name(const TopicPartition& tp,
                              const Uuid& unique,
                              std::string_view suffix) {
    constexpr std::size_t kLongest = 255;
    const std::string tail =
        fmt::format("-{}.{:016x}{:016x}{}", tp.partition.value(), unique.high, unique.low, suffix);
    return tp.topic.substr(0, kLongest - tail.size()) + tail;
}

}  // namespace bsim
