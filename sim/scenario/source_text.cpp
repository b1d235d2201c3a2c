#include <algorithm>

#include "sim/scenario/json.h"
#include "sim/scenario/utf8.h"

namespace bsim {
namespace {

constexpr std::size_t kShownBytes = 100;
constexpr std::size_t kLeadBytes = 40;
constexpr std::size_t kStride = 4096;

bool starts_character(char c) {
    return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
}

// The same number of characters, and none that a terminal must not get.
std::string presentable(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::string_view character = text.substr(0, utf8_prefix(text, 1));
        text.remove_prefix(character.size());
        const auto first = static_cast<unsigned char>(character.front());
        const bool control = (first < ' ' && first != '\t') || first == 0x7f;
        out += control || utf8_length(character, 0) != character.size() ? "?" : character;
    }
    return out;
}

}  // namespace

SourceText::SourceText(std::string_view name, std::string_view text) : name_(name), text_(text) {
    line_starts_.push_back(0);
    for (std::size_t at = text.find('\n'); at != std::string_view::npos;
         at = text.find('\n', at + 1)) {
        line_starts_.push_back(at + 1);
    }
    counts_.push_back(0);
    for (std::size_t at = 0; at + kStride <= text.size(); at += kStride) {
        counts_.push_back(counts_.back() + utf8_count(text.substr(at, kStride)));
    }
}

std::size_t SourceText::characters_before(std::size_t offset) const {
    const std::size_t stride = offset / kStride;
    const std::size_t from = stride * kStride;
    return counts_[stride] + utf8_count(text_.substr(from, offset - from));
}

TextPosition SourceText::position(std::size_t offset) const {
    offset = std::min(offset, text_.size());
    const auto after = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
    const std::size_t characters = characters_before(offset) - characters_before(*(after - 1));
    return {static_cast<int>(after - line_starts_.begin()), static_cast<int>(characters) + 1};
}

std::string_view SourceText::line_at(std::size_t offset) const {
    const auto after = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
    const std::size_t start = *(after - 1);
    const std::size_t end = after == line_starts_.end() ? text_.size() : *after - 1;
    std::string_view line = text_.substr(start, end - start);
    if (line.ends_with('\r')) {
        line.remove_suffix(1);
    }
    return line;
}

Excerpt SourceText::excerpt(std::size_t offset, std::size_t length) const {
    const std::string_view line = line_at(offset);
    const auto start = static_cast<std::size_t>(line.data() - text_.data());
    const std::size_t place = std::min(offset - start, line.size());
    // Where the line is too long: so many characters before the place, the rest after it.
    std::size_t first = 0;
    if (line.size() > kShownBytes && place > kShownBytes - kLeadBytes) {
        first = place - kLeadBytes;
        while (first > 0 && !starts_character(line[first])) {
            --first;
        }
    }
    const std::string_view shown =
        line.substr(first, utf8_prefix(line.substr(first, 4 * kShownBytes), kShownBytes));
    Excerpt out;
    out.text = (first > 0 ? "…" : "") + presentable(shown) +
               (first + shown.size() < line.size() ? "…" : "");
    const std::string_view before = shown.substr(0, std::min(place - first, shown.size()));
    out.caret_column = static_cast<int>(utf8_count(before)) + (first > 0 ? 2 : 1);
    const std::size_t marked = utf8_count(shown.substr(before.size()).substr(0, length));
    out.caret_length = std::max(1, static_cast<int>(marked));
    return out;
}

}  // namespace bsim
