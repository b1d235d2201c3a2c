#include "sim/model/config_parse.h"

#include <algorithm>
#include <charconv>

namespace bsim::config_parse {
namespace {

bool blank(char c) {
    return static_cast<unsigned char>(c) <= ' ';
}
char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::string_view trim(std::string_view text) {
    while (!text.empty() && blank(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && blank(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

std::optional<bool> boolean(std::string_view text) {
    if (equal_ignoring_case(trim(text), "true")) {
        return true;
    }
    if (equal_ignoring_case(trim(text), "false")) {
        return false;
    }
    return std::nullopt;
}

std::optional<std::int64_t> integer(std::string_view text) {
    text = trim(text);
    if (text.starts_with('+')) {
        text.remove_prefix(1);
        if (text.starts_with('-')) {
            return std::nullopt;
        }
    }
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

std::vector<std::string_view> list(std::string_view text) {
    std::vector<std::string_view> elements;
    text = trim(text);
    if (text.empty()) {
        return elements;
    }
    while (true) {
        const std::size_t comma = text.find(',');
        elements.push_back(trim(text.substr(0, comma)));
        if (comma == std::string_view::npos) {
            return elements;
        }
        text.remove_prefix(comma + 1);
    }
}

}  // namespace bsim::config_parse
