#include "sim/scenario/utf8.h"

#include <algorithm>

namespace bsim {
namespace {

std::uint32_t byte_at(std::string_view text, std::size_t at) {
    return static_cast<unsigned char>(text[at]);
}

struct Form {
    std::size_t length;
    std::uint32_t bits;      // of the first byte
    std::uint32_t smallest;  // code point that needs this length
};

Form form_of(std::uint32_t first) {
    if (first < 0x80) {
        return {1, first, 0};
    }
    if (first >= 0xc2 && first < 0xe0) {
        return {2, first & 0x1fU, 0x80};
    }
    if (first >= 0xe0 && first < 0xf0) {
        return {3, first & 0x0fU, 0x800};
    }
    if (first >= 0xf0 && first < 0xf5) {
        return {4, first & 0x07U, 0x10000};
    }
    return {0, 0, 0};
}

struct Range {
    std::uint32_t first;
    std::uint32_t last;
};
// Blocks of Unicode 15, as far as somebody may type them into a scenario.
constexpr Range kWide[] = {{0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},
                           {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},
                           {0xff00, 0xff60},   {0xffe0, 0xffe6},   {0x1f300, 0x1f64f},
                           {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};
constexpr Range kCombining[] = {{0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},
                                {0x610, 0x61a},   {0x64b, 0x65f},   {0x200b, 0x200f},
                                {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}};

template <std::size_t N>
bool is_in(std::uint32_t point, const Range (&ranges)[N]) {
    return std::any_of(std::begin(ranges), std::end(ranges), [&](const Range& range) {
        return point >= range.first && point <= range.last;
    });
}

}  // namespace

std::size_t utf8_length(std::string_view text, std::size_t at) {
    const Form form = form_of(byte_at(text, at));
    if (form.length == 0 || text.size() - at < form.length) {
        return 0;
    }
    std::uint32_t point = form.bits;
    for (std::size_t i = 1; i < form.length; ++i) {
        const std::uint32_t next = byte_at(text, at + i);
        if ((next & 0xc0U) != 0x80U) {
            return 0;
        }
        point = point << 6U | (next & 0x3fU);
    }
    const bool surrogate = point >= 0xd800 && point < 0xe000;
    return point < form.smallest || point > 0x10ffff || surrogate ? 0 : form.length;
}

void utf8_append(std::string& out, std::uint32_t code_point) {
    const auto tail = [&](unsigned shift) {
        out += static_cast<char>(0x80U | ((code_point >> shift) & 0x3fU));
    };
    if (code_point < 0x80) {
        out += static_cast<char>(code_point);
    } else if (code_point < 0x800) {
        out += static_cast<char>(0xc0U | code_point >> 6U);
        tail(0);
    } else if (code_point < 0x10000) {
        out += static_cast<char>(0xe0U | code_point >> 12U);
        tail(6);
        tail(0);
    } else {
        out += static_cast<char>(0xf0U | code_point >> 18U);
        tail(12);
        tail(6);
        tail(0);
    }
}

std::size_t utf8_count(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
    }));
}

std::size_t utf8_width(std::string_view text) {
    std::size_t width = 0;
    for (std::size_t at = 0; at < text.size();) {
        const Form form = form_of(byte_at(text, at));
        std::uint32_t point = form.bits;
        const std::size_t length = std::max<std::size_t>(form.length, 1);
        for (std::size_t i = 1; i < length && at + i < text.size(); ++i) {
            point = point << 6U | (byte_at(text, at + i) & 0x3fU);
        }
        width += is_in(point, kWide) ? 2 : is_in(point, kCombining) ? 0 : 1;
        at += length;
    }
    return width;
}

std::size_t utf8_prefix(std::string_view text, std::size_t characters) {
    std::size_t at = 0;
    for (; characters > 0 && at < text.size(); --characters) {
        ++at;
        while (at < text.size() && (byte_at(text, at) & 0xc0U) == 0x80U) {
            ++at;
        }
    }
    return at;
}

}  // namespace bsim
