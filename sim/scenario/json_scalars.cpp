// Numbers, words and strings.
#include <algorithm>
#include <fmt/format.h>

#include "sim/scenario/json_parser.h"
#include "sim/scenario/utf8.h"

namespace bsim {

bool JsonParser::number(JsonNode& node) {
    node.kind = JsonNode::Kind::Number;
    const std::size_t start = at_;
    const auto digits = [&] {
        const std::size_t first = at_;
        while (is_json_digit(peek())) {
            ++at_;
        }
        return at_ > first;
    };
    if (peek() == '-') {
        ++at_;
    }
    if (peek() == '0' && at_ + 1 < text_.size() && is_json_digit(text_[at_ + 1])) {
        return fail("E0007", "a number must not begin with a zero", {});
    }
    bool ok = digits();
    if (ok && peek() == '.') {
        ++at_;
        ok = digits();
    }
    if (ok && (peek() == 'e' || peek() == 'E')) {
        ++at_;
        if (peek() == '+' || peek() == '-') {
            ++at_;
        }
        ok = digits();
    }
    if (!ok) {
        return fail("E0007", "expected a digit, found " + found(), "0 to 9");
    }
    if (is_json_word_char(peek())) {
        // 60s without quotes is the slip to expect here.
        std::size_t end = at_;
        while (end < text_.size() && is_json_word_char(text_[end])) {
            ++end;
        }
        return fail_at(
            start, end - start,
            {"E0007",
             0,
             0,
             {},
             fmt::format("{} must stand in quotation marks", text_.substr(start, end - start)),
             fmt::format("\"{}\"", text_.substr(start, end - start))});
    }
    node.text = text_.substr(start, at_ - start);
    return true;
}

bool JsonParser::word(JsonNode& node) {
    const std::size_t start = at_;
    while (is_json_word_char(peek())) {
        ++at_;
    }
    node.text = text_.substr(start, at_ - start);
    if (node.text == "true" || node.text == "false") {
        node.kind = JsonNode::Kind::Boolean;
        return true;
    }
    if (node.text == "null") {
        node.kind = JsonNode::Kind::Null;
        return true;
    }
    at_ = start;
    return fail("E0007", "expected a value, found " + found(),
                "a string in quotation marks, a number, an object, an array, true or false");
}

bool JsonParser::string(std::string& out) {
    const std::size_t start = at_++;
    while (true) {
        const char c = peek();
        if (done() || c == '\n' || c == '\r') {
            return fail_at(start, 1, {"E0007", 0, 0, {}, "this string has no end", "\""});
        }
        if (c == '"') {
            ++at_;
            return true;
        }
        if (static_cast<unsigned char>(c) < ' ') {
            return fail("E0007", "a string must not hold " + found(), "an escape such as \\t");
        }
        ++at_;
        if (c != '\\') {
            out += c;
        } else if (!escape(out)) {
            return false;
        }
    }
}

std::optional<std::uint32_t> JsonParser::four_digits() {
    if (at_ + 4 > text_.size()) {
        return std::nullopt;
    }
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        const char c = text_[at_ + i];
        const bool upper = c >= 'A' && c <= 'F';
        const bool lower = c >= 'a' && c <= 'f';
        if (!is_json_digit(c) && !upper && !lower) {
            return std::nullopt;
        }
        const int digit = is_json_digit(c) ? c - '0' : upper ? c - 'A' + 10 : c - 'a' + 10;
        value = value * 16 + static_cast<std::uint32_t>(digit);
    }
    at_ += 4;
    return value;
}

bool JsonParser::escape(std::string& out) {
    constexpr std::string_view kNames = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    const std::size_t start = at_ - 1;
    const char c = peek();
    if (const std::size_t known = kNames.find(c); !done() && known != std::string_view::npos) {
        ++at_;
        out += kMeanings[known];
        return true;
    }
    const auto bad = [&](std::string message) {
        const std::size_t end = std::min(at_, text_.size());
        return fail_at(start, end - start, {"E0007", 0, 0, {}, std::move(message), {}});
    };
    if (c != 'u') {
        return bad(R"(a backslash must be followed by one of " \ / b f n r t u)");
    }
    ++at_;
    const auto high = four_digits();
    if (!high) {
        return bad("\\u must be followed by four hexadecimal digits");
    }
    std::uint32_t point = *high;
    if (point >= 0xd800 && point < 0xdc00) {
        if (!starts_with("\\u")) {
            return bad("half of a surrogate pair stands alone");
        }
        at_ += 2;
        const auto low = four_digits();
        if (!low || *low < 0xdc00 || *low > 0xdfff) {
            return bad("half of a surrogate pair stands alone");
        }
        point = 0x10000 + ((point - 0xd800) << 10U) + (*low - 0xdc00);
    } else if (point >= 0xdc00 && point < 0xe000) {
        return bad("half of a surrogate pair stands alone");
    }
    if (point == 0) {
        return bad("a string must not hold NUL");
    }
    utf8_append(out, point);
    return true;
}

}  // namespace bsim
