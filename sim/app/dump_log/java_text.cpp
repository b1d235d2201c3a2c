#include "sim/app/dump_log/java_text.h"

#include <charconv>
#include <cmath>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace bsim::dump_log {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

bool continues(unsigned byte) {
    return (byte & 0xc0U) == 0x80U;
}

struct Step {
    std::size_t bytes = 1;
    bool valid = false;
};

// How far Java reads into a lead byte of two, three or four bytes before it gives up.
Step step_of_two(ByteView in) {
    return in.size() > 1 && continues(in[1]) ? Step{2, true} : Step{1, false};
}

Step step_of_three(ByteView in) {
    if (in.size() < 2 || !continues(in[1]) || (in[0] == 0xe0 && in[1] < 0xa0))
        return {1, false};
    if (in.size() < 3 || !continues(in[2]))
        return {2, false};
    // A surrogate is well formed to Java until it is put together: all three bytes are gone.
    const bool surrogate = in[0] == 0xed && in[1] >= 0xa0;
    return {3, !surrogate};
}

Step step_of_four(ByteView in) {
    if (in[0] > 0xf4 || in.size() < 2 || !continues(in[1]))
        return {1, false};
    if ((in[0] == 0xf0 && in[1] < 0x90) || (in[0] == 0xf4 && in[1] > 0x8f))
        return {1, false};
    if (in.size() < 3 || !continues(in[2]))
        return {2, false};
    if (in.size() < 4 || !continues(in[3]))
        return {3, false};
    return {4, true};
}

Step utf8_step(ByteView in) {
    const unsigned lead = in[0];
    if (lead < 0x80)
        return {1, true};
    if (lead >= 0xc2 && lead <= 0xdf)
        return step_of_two(in);
    if (lead >= 0xe0 && lead <= 0xef)
        return step_of_three(in);
    if (lead >= 0xf0 && lead <= 0xf7)
        return step_of_four(in);
    return {1, false};
}

std::uint32_t code_point(ByteView sequence) {
    constexpr unsigned kLeadMask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    std::uint32_t point = sequence[0] & kLeadMask[sequence.size()];
    for (const std::uint8_t byte : sequence.subspan(1))
        point = point << 6U | (byte & 0x3fU);
    return point;
}

void append_escaped(std::string& out, char c) {
    switch (c) {
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
        case '\b':
            out += "\\b";
            return;
        case '\t':
            out += "\\t";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\f':
            out += "\\f";
            return;
        case '\r':
            out += "\\r";
            return;
        default:
            break;
    }
    if (static_cast<unsigned char>(c) < 0x20)
        out += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
    else
        out += c;
}

// d.ddde+xx, the shortest that reads back; of those with two digits the nearest, where one would
// do.
std::string scientific(double value) {
    char text[32];
    char* const end = text + sizeof text;
    const auto shortest = std::to_chars(text, end, value, std::chars_format::scientific);
    const std::string_view digits(text, shortest.ptr);
    if (digits.find('.') != std::string_view::npos)
        return std::string(digits);
    return std::string(text, std::to_chars(text, end, value, std::chars_format::scientific, 1).ptr);
}

void append_json(std::string& out, const nlohmann::ordered_json& json) {
    const char* separator = "";
    if (json.is_object()) {
        out += '{';
        for (const auto& [name, value] : json.items()) {
            out += separator;
            append_jackson_string(out, name);
            out += ':';
            append_json(out, value);
            separator = ",";
        }
        out += '}';
    } else if (json.is_array()) {
        out += '[';
        for (const auto& value : json) {
            out += separator;
            append_json(out, value);
            separator = ",";
        }
        out += ']';
    } else if (json.is_string()) {
        append_jackson_string(out, json.get_ref<const std::string&>());
    } else if (json.is_number_float()) {
        const auto value = json.get<double>();
        // What JSON has no number for, Jackson puts in quotes.
        const std::string text = double_text(value);
        out += std::isfinite(value) ? text : '"' + text + '"';
    } else {
        out += json.dump();
    }
}

}  // namespace

std::string java_utf8(ByteView bytes) {
    std::string text;
    text.reserve(bytes.size());
    while (!bytes.empty()) {
        const Step step = utf8_step(bytes);
        text += step.valid ? as_text(bytes.first(step.bytes)) : kReplacement;
        bytes = bytes.subspan(step.bytes);
    }
    return text;
}

std::string optional_long(std::optional<std::int64_t> value) {
    return value ? fmt::format("OptionalLong[{}]", *value) : "OptionalLong.empty";
}

std::optional<std::int64_t> parse_long(std::string_view text) {
    if (text.starts_with('+')) {
        text.remove_prefix(1);
        if (text.starts_with('-'))
            return std::nullopt;
    }
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

std::int32_t string_hash(std::string_view text) {
    std::uint32_t hash = 0;
    ByteView rest = as_bytes(text);
    while (!rest.empty()) {
        const ByteView sequence = rest.first(utf8_step(rest).bytes);
        const std::uint32_t point = code_point(sequence);
        if (point > 0xffff) {
            hash = 31 * hash + (0xd7c0U + (point >> 10U));
            hash = 31 * hash + (0xdc00U + (point & 0x3ffU));
        } else {
            hash = 31 * hash + point;
        }
        rest = rest.subspan(sequence.size());
    }
    return static_cast<std::int32_t>(hash);
}

std::string double_text(double value) {
    if (std::isnan(value))
        return "NaN";
    if (std::isinf(value))
        return value > 0 ? "Infinity" : "-Infinity";
    if (value == 0)
        return std::signbit(value) ? "-0.0" : "0.0";
    const std::string text = scientific(value);
    const std::size_t mark = text.find('e');
    int exponent = 0;
    const char* digits_of_exponent = text.data() + mark + (text[mark + 1] == '+' ? 2 : 1);
    std::from_chars(digits_of_exponent, text.data() + text.size(), exponent);
    std::string digits = text.substr(0, mark);
    std::string sign;
    if (digits.starts_with('-')) {
        sign = "-";
        digits.erase(0, 1);
    }
    digits.erase(1, 1);
    while (digits.size() > 1 && digits.ends_with('0'))
        digits.pop_back();
    if (exponent < -3 || exponent >= 7) {
        const std::string rest = digits.size() > 1 ? digits.substr(1) : "0";
        return fmt::format("{}{}.{}E{}", sign, digits.substr(0, 1), rest, exponent);
    }
    if (exponent < 0)
        return sign + "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
    const auto whole = static_cast<std::size_t>(exponent) + 1;
    if (digits.size() <= whole)
        return sign + digits + std::string(whole - digits.size(), '0') + ".0";
    return sign + digits.substr(0, whole) + "." + digits.substr(whole);
}

void append_jackson_string(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : java_utf8(as_bytes(text)))
        append_escaped(out, c);
    out += '"';
}

std::string jackson_text(const nlohmann::ordered_json& json) {
    std::string text;
    append_json(text, json);
    return text;
}

}  // namespace bsim::dump_log
