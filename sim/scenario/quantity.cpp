#include "sim/scenario/quantity.h"

#include <algorithm>
#include <fmt/format.h>
#include <span>

namespace bsim {
namespace {

__extension__ using Wide = __int128;
using Kind = QuantityError::Kind;

struct Unit {
    std::string_view name;
    std::int64_t factor;
};
constexpr Unit kDurationUnits[] = {
    {"ns", 1},
    {"us", 1'000},
    {"ms", 1'000'000},
    {"s", 1'000'000'000},
    {"m", 60'000'000'000},
    {"h", 3'600'000'000'000},
    {"d", 86'400'000'000'000},
};
constexpr Unit kSizeUnits[] = {
    {"B", 1},         {"kB", 1'000},    {"MB", 1'000'000}, {"GB", 1'000'000'000},
    {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30},  {"TiB", std::int64_t{1} << 40},
};
constexpr Unit kBitRateUnits[] = {
    {"bit/s", 1},
    {"kbit/s", 1'000},
    {"Mbit/s", 1'000'000},
    {"Gbit/s", 1'000'000'000},
    {"B/s", 8},
    {"kB/s", 8'000},
    {"MB/s", 8'000'000},
    {"GB/s", 8'000'000'000},
    {"KiB/s", 8 << 10},
    {"MiB/s", 8 << 20},
    {"GiB/s", std::int64_t{8} << 30},
};
constexpr Unit kRateUnits[] = {{"/s", 1'000'000'000}, {"/m", 60'000'000'000}};

// What people write for a unit, and its name here.
struct Alias {
    std::string_view written;
    std::string_view unit;
};
constexpr Alias kAliases[] = {
    {"sec", "s"},     {"secs", "s"},     {"second", "s"}, {"seconds", "s"},  {"S", "s"},
    {"min", "m"},     {"mins", "m"},     {"minute", "m"}, {"minutes", "m"},  {"hr", "h"},
    {"hours", "h"},   {"hour", "h"},     {"day", "d"},    {"days", "d"},     {"msec", "ms"},
    {"millis", "ms"}, {"µs", "us"},      {"μs", "us"},    {"usec", "us"},    {"nsec", "ns"},
    {"b", "B"},       {"bytes", "B"},    {"byte", "B"},   {"KB", "kB"},      {"kb", "kB"},
    {"k", "kB"},      {"K", "KiB"},      {"M", "MiB"},    {"mb", "MB"},      {"G", "GiB"},
    {"gb", "GB"},     {"kib", "KiB"},    {"mib", "MiB"},  {"gib", "GiB"},    {"per second", "/s"},
    {"/sec", "/s"},   {"/second", "/s"}, {"/min", "/m"},  {"/minute", "/m"},
};

struct Decimal {
    std::int64_t digits = 0;  // the value is digits / 10^decimals
    int decimals = 0;
};

struct Split {
    std::string_view number;
    std::string_view unit;
};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

Split split(std::string_view text) {
    std::size_t end = 0;
    while (end < text.size() && is_digit(text[end])) {
        ++end;
    }
    if (end > 0 && end + 1 < text.size() && text[end] == '.' && is_digit(text[end + 1])) {
        ++end;
        while (end < text.size() && is_digit(text[end])) {
            ++end;
        }
    }
    return {text.substr(0, end), text.substr(end)};
}

// nullopt: more than 18 significant digits.
std::optional<Decimal> decimal_of(std::string_view number) {
    Decimal out;
    const std::size_t point = number.find('.');
    std::string_view fraction;
    if (point != std::string_view::npos) {
        fraction = number.substr(point + 1);
        number = number.substr(0, point);
        while (fraction.ends_with('0')) {
            fraction.remove_suffix(1);
        }
    }
    int significant = 0;
    for (const std::string_view part : {number, fraction}) {
        for (const char c : part) {
            if (out.digits > 0 || c != '0') {
                ++significant;
            }
            if (significant > 18) {
                return std::nullopt;
            }
            out.digits = out.digits * 10 + (c - '0');
        }
    }
    if (fraction.size() > 18) {
        return std::nullopt;
    }
    out.decimals = static_cast<int>(fraction.size());
    return out;
}

std::int64_t power_of_ten(int exponent) {
    std::int64_t power = 1;
    for (; exponent > 0; --exponent) {
        power *= 10;
    }
    return power;
}

QuantityError out_of_range(std::string message) {
    return {Kind::OutOfRange, std::move(message), {}};
}

// Which units there are, the word for the quantity, and the unit to suggest for a bare number.
struct Family {
    std::span<const Unit> units;
    std::string_view noun;
    std::string_view usual;
};

bool has_unit(const Family& family, std::string_view name) {
    return std::any_of(family.units.begin(), family.units.end(),
                       [&](const Unit& unit) { return unit.name == name; });
}

std::string suggest(const Family& family, std::string_view text) {
    while (text.starts_with(' ')) {
        text.remove_prefix(1);
    }
    while (text.ends_with(' ')) {
        text.remove_suffix(1);
    }
    Split parts = split(text);
    if (parts.number.empty()) {
        return {};
    }
    while (parts.unit.starts_with(' ')) {
        parts.unit.remove_prefix(1);
    }
    if (parts.unit.empty()) {
        return fmt::format("{}{}", parts.number, family.usual);
    }
    if (has_unit(family, parts.unit)) {
        return fmt::format("{}{}", parts.number, parts.unit);
    }
    for (const Alias& alias : kAliases) {
        if (alias.written == parts.unit && has_unit(family, alias.unit)) {
            return fmt::format("{}{}", parts.number, alias.unit);
        }
    }
    return {};
}

struct Measured {
    Decimal number;
    std::int64_t factor = 1;
};

Result<Measured, QuantityError> measure(const Family& family, std::string_view text) {
    const Split parts = split(text);
    const auto unit = std::find_if(family.units.begin(), family.units.end(),
                                   [&](const Unit& u) { return u.name == parts.unit; });
    if (parts.number.empty() || unit == family.units.end()) {
        return Err{QuantityError{Kind::Malformed, fmt::format("\"{}\" is no {}", text, family.noun),
                                 suggest(family, text)}};
    }
    const auto number = decimal_of(parts.number);
    if (!number) {
        return Err{out_of_range(fmt::format("\"{}\" has too many digits", text))};
    }
    return Measured{*number, unit->factor};
}

}  // namespace

Result<SimDuration, QuantityError> parse_duration(std::string_view text) {
    BSIM_TRY(const Measured m, measure({kDurationUnits, "duration", "s"}, text));
    const Wide scaled = Wide{m.number.digits} * m.factor;
    const std::int64_t divisor = power_of_ten(m.number.decimals);
    if (scaled % divisor != 0) {
        return Err{out_of_range(fmt::format("\"{}\" is not a whole number of nanoseconds", text))};
    }
    if (scaled / divisor >= kDurationEndNs) {
        return Err{out_of_range(fmt::format("\"{}\" is not shorter than 292 years", text))};
    }
    return nanoseconds(static_cast<std::int64_t>(scaled / divisor));
}

Result<std::int64_t, QuantityError> parse_size(std::string_view text) {
    BSIM_TRY(const Measured m, measure({kSizeUnits, "size", "B"}, text));
    const Wide scaled = Wide{m.number.digits} * m.factor;
    const std::int64_t divisor = power_of_ten(m.number.decimals);
    if (scaled % divisor != 0) {
        return Err{out_of_range(fmt::format("\"{}\" is not a whole number of bytes", text))};
    }
    if (scaled / divisor > INT64_MAX) {
        return Err{out_of_range(fmt::format("\"{}\" is too large", text))};
    }
    return static_cast<std::int64_t>(scaled / divisor);
}

Result<RecordRate, QuantityError> parse_record_rate(std::string_view text) {
    BSIM_TRY(const Measured m, measure({kRateUnits, "rate of records", "/s"}, text));
    const Wide per = Wide{m.factor} * power_of_ten(m.number.decimals);
    if (m.number.digits == 0) {
        return Err{out_of_range("a rate must be more than zero")};
    }
    if (Wide{m.number.digits} > per) {
        return Err{out_of_range(fmt::format("\"{}\" is more than 1000000000/s", text))};
    }
    if (per >= kDurationEndNs) {
        return Err{out_of_range(fmt::format("\"{}\" has too many decimals", text))};
    }
    return RecordRate{m.number.digits, nanoseconds(static_cast<std::int64_t>(per))};
}

bool is_byte_rate(std::string_view text) {
    const Split parts = split(text);
    return !parts.number.empty() && has_unit({kBitRateUnits, {}, {}}, parts.unit);
}

Result<SimDuration, QuantityError> parse_signed_duration(std::string_view text) {
    const bool negative = text.starts_with('-');
    auto parsed = parse_duration(negative ? text.substr(1) : text);
    if (!parsed) {
        QuantityError error = parsed.error();
        if (negative && !error.suggestion.empty()) {
            error.suggestion.insert(0, "-");
        }
        return Err{std::move(error)};
    }
    return negative ? nanoseconds(-parsed->ns()) : *parsed;
}

Result<std::int64_t, QuantityError> parse_bit_rate(std::string_view text) {
    BSIM_TRY(const Measured m, measure({kBitRateUnits, "rate of bits", "bit/s"}, text));
    const Wide scaled = Wide{m.number.digits} * m.factor;
    const std::int64_t divisor = power_of_ten(m.number.decimals);
    if (scaled % divisor != 0) {
        return Err{
            out_of_range(fmt::format("\"{}\" is not a whole number of bits per second", text))};
    }
    if (scaled == 0) {
        return Err{out_of_range("a rate must be more than zero")};
    }
    if (scaled / divisor > INT64_MAX) {
        return Err{out_of_range(fmt::format("\"{}\" is too large", text))};
    }
    return static_cast<std::int64_t>(scaled / divisor);
}

std::optional<Ratio> parse_drift(std::string_view text) {
    constexpr std::string_view kUnit = "ppm";
    constexpr std::int64_t kEnd = 1'000'000;
    const bool negative = text.starts_with('-');
    if (negative) {
        text.remove_prefix(1);
    }
    if (!text.ends_with(kUnit) || split(text).unit != kUnit) {
        return std::nullopt;
    }
    auto ratio = Ratio::parse(text.substr(0, text.size() - kUnit.size()));
    if (!ratio || Wide{ratio->numerator} >= Wide{kEnd} * ratio->denominator) {
        return std::nullopt;
    }
    if (negative) {
        ratio->numerator = -ratio->numerator;
    }
    return ratio;
}

std::vector<std::string_view> units_of(QuantityKind kind) {
    using Units = std::span<const Unit>;
    const Units units = kind == QuantityKind::Duration  ? Units(kDurationUnits)
                        : kind == QuantityKind::Size    ? Units(kSizeUnits)
                        : kind == QuantityKind::BitRate ? Units(kBitRateUnits)
                                                        : Units(kRateUnits);
    std::vector<std::string_view> out;
    for (const Unit& unit : units) {
        out.push_back(unit.name);
    }
    return out;
}

SimDuration RecordRate::due(std::int64_t k) const {
    const Wide ns = Wide{k} * per.ns() / records;
    BSIM_CHECK(ns <= INT64_MAX);
    return nanoseconds(static_cast<std::int64_t>(ns));
}

}  // namespace bsim
