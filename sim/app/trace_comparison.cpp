#include "sim/app/trace_comparison.h"

#include <algorithm>
#include <fmt/format.h>

namespace bsim {
namespace {

constexpr std::size_t kShownBefore = 60;
constexpr std::size_t kShown = 160;

// Where the bytes from `at` on may begin without cutting a character of UTF-8 in two.
std::size_t character_start(std::string_view line, std::size_t at) {
    while (at > 0 && at < line.size() && (static_cast<unsigned char>(line[at]) & 0xC0U) == 0x80U)
        --at;
    return std::min(at, line.size());
}

std::string shortened(std::string_view line, std::size_t differs) {
    if (line.empty())
        return "(ends here)";
    // The number of the event stands in front, and is wanted whatever comes later.
    constexpr std::size_t kHead = 40;
    if (line.size() <= kShown)
        return std::string(line);
    if (differs < kShown - kShownBefore)
        return fmt::format("{}…", line.substr(0, character_start(line, kShown)));
    const std::size_t head = character_start(line, kHead);
    const std::size_t from = character_start(line, differs - kShownBefore);
    const std::size_t to = character_start(line, from + kShown - kHead);
    return fmt::format("{}…{}{}", line.substr(0, head), line.substr(from, to - from),
                       to < line.size() ? "…" : "");
}

}  // namespace

void TraceComparison::write(std::string_view text) {
    while (!difference_ && !text.empty()) {
        const std::size_t feed = text.find('\n');
        begun_ += text.substr(0, feed);
        if (feed == std::string_view::npos)
            return;
        text.remove_prefix(feed + 1);
        compare(begun_);
        begun_.clear();
    }
}

void TraceComparison::compare(std::string_view line) {
    if (!std::getline(stored_, buffer_))
        buffer_.clear();
    if (buffer_ == line) {
        ++lines_;
    } else {
        difference_ = TraceDifference{lines_ + 1, buffer_, std::string(line)};
    }
}

void TraceComparison::finish() {
    if (!difference_ && std::getline(stored_, buffer_))
        difference_ = TraceDifference{lines_ + 1, buffer_, ""};
}

std::string to_string(const TraceDifference& difference) {
    const auto& [line, stored, now] = difference;
    const auto differs =
        std::mismatch(stored.begin(), stored.end(), now.begin(), now.end()).first - stored.begin();
    const auto at = static_cast<std::size_t>(differs);
    return fmt::format(
        "line {} of trace.jsonl is the first that differs\n  stored: {}\n  now:    {}\n", line,
        shortened(stored, at), shortened(now, at));
}

}  // namespace bsim
