#include "sim/scenario/quantity.h"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>
#include <span>
#include <vector>

#include "sim/scenario/nearest.h"

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
    {"sec", "s"},        {"secs", "s"},      {"second", "s"},      {"seconds", "s"},
    {"min", "m"},        {"mins", "m"},      {"minute", "m"},      {"minutes", "m"},
    {"hr", "h"},         {"hrs", "h"},       {"hours", "h"},       {"hour", "h"},
    {"day", "d"},        {"days", "d"},      {"msec", "ms"},       {"millis", "ms"},
    {"µs", "us"},        {"μs", "us"},       {"usec", "us"},       {"micros", "us"},
    {"nsec", "ns"},      {"nanos", "ns"},    {"b", "B"},           {"bytes", "B"},
    {"byte", "B"},       {"k", "kB"},        {"K", "KiB"},         {"M", "MiB"},
    {"G", "GiB"},        {"T", "TiB"},       {"per second", "/s"}, {"/sec", "/s"},
    {"/second", "/s"},   {"/min", "/m"},     {"/minute", "/m"},    {"rps", "/s"},
    {"records/s", "/s"}, {"msgs/s", "/s"},   {"msg/s", "/s"},      {"messages/s", "/s"},
    {"b/s", "bit/s"},    {"bps", "bit/s"},   {"kb/s", "kbit/s"},   {"kbps", "kbit/s"},
    {"Mb/s", "Mbit/s"},  {"Mbps", "Mbit/s"}, {"Gb/s", "Gbit/s"},   {"Gbps", "Gbit/s"},
    {"MBps", "MB/s"},    {"GBps", "GB/s"},   {"kBps", "kB/s"},     {"bit", "bit/s"},
    {"kbit", "kbit/s"},  {"Mbit", "Mbit/s"}, {"Gbit", "Gbit/s"},   {"mbps", "Mbit/s"},
    {"gbps", "Gbit/s"},
};
constexpr std::int64_t kByteBits = 8;
constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kWeekNs = 604'800'000'000'000;

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

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [&](char x, char y) { return lower(x) == lower(y); });
}

// A unit, or an alias of one, that is misspelt; short ones are too near to each other.
std::string_view unit_near(const Family& family, std::string_view written) {
    constexpr std::size_t kLengthMin = 3;
    std::vector<std::string_view> names;
    std::vector<std::string_view> units;
    const auto add = [&](std::string_view name, std::string_view unit) {
        if (name.size() >= kLengthMin && has_unit(family, unit)) {
            names.push_back(name);
            units.push_back(unit);
        }
    };
    for (const Unit& unit : family.units) {
        add(unit.name, unit.name);
    }
    for (const Alias& alias : kAliases) {
        add(alias.written, alias.unit);
    }
    const auto near = written.size() >= kLengthMin ? nearest(written, names) : std::nullopt;
    const auto at = near ? std::find(names.begin(), names.end(), *near) : names.end();
    return at == names.end() ? std::string_view()
                             : units[static_cast<std::size_t>(at - names.begin())];
}

// The unit that the text means; empty if it means none.
std::string_view unit_meant(const Family& family, std::string_view written) {
    if (has_unit(family, written)) {
        return written;
    }
    for (const Alias& alias : kAliases) {
        if (alias.written == written && has_unit(family, alias.unit)) {
            return alias.unit;
        }
    }
    for (const Unit& unit : family.units) {
        if (equal_ignoring_case(unit.name, written)) {
            return unit.name;
        }
    }
    for (const Alias& alias : kAliases) {
        if (equal_ignoring_case(alias.written, written) && has_unit(family, alias.unit)) {
            return alias.unit;
        }
    }
    return unit_near(family, written);
}

// Without blanks around it, a plus, and other ways to write the point: ",5" and ".5" are "0.5".
std::string cleaned(std::string_view text) {
    constexpr std::string_view kHardBlank = "\u00a0";
    std::string out(text);
    for (std::size_t at = out.find(kHardBlank); at != std::string::npos;
         at = out.find(kHardBlank)) {
        out.replace(at, kHardBlank.size(), " ");
    }
    const std::size_t from = std::min(out.find_first_not_of(" +"), out.size());
    out = out.substr(from, out.find_last_not_of(' ') + 1 - std::min(from, out.size()));
    if (const std::size_t comma = out.find(','); comma != std::string::npos) {
        out[comma] = '.';
    }
    if (out.starts_with('.')) {
        out.insert(0, "0");
    }
    return out;
}

// "90s" for "1m30s", "7d" for "1w"; empty if the text is no sum of whole durations.
std::string summed(const Family& family, std::string_view text) {
    Wide total = 0;
    while (!text.empty()) {
        std::size_t end = 0;
        std::int64_t number = 0;
        for (; end < text.size() && is_digit(text[end]) && end < 6; ++end) {
            number = number * 10 + (text[end] - '0');
        }
        std::size_t next = end;
        while (next < text.size() && !is_digit(text[next])) {
            ++next;
        }
        std::string_view unit = text.substr(end, next - end);
        unit = unit.substr(0, unit.find_last_not_of(' ') + 1);
        unit.remove_prefix(std::min(unit.find_first_not_of(' '), unit.size()));
        const std::string_view name = unit_meant(family, unit);
        const auto known = std::find_if(family.units.begin(), family.units.end(),
                                        [&](const Unit& u) { return u.name == name; });
        const bool weeks = unit == "w" || unit == "week" || unit == "weeks";
        if (end == 0 || (known == family.units.end() && !weeks)) {
            return {};
        }
        total += Wide{number} * (weeks ? kWeekNs : known->factor);
        text.remove_prefix(next);
    }
    if (total == 0 || total >= kDurationEndNs) {
        return {};
    }
    const auto whole = std::find_if(family.units.rbegin(), family.units.rend(),
                                    [&](const Unit& u) { return total % u.factor == 0; });
    return fmt::format("{}{}", static_cast<std::int64_t>(total / whole->factor), whole->name);
}

std::string suggest(const Family& family, std::string_view written) {
    const std::string text = cleaned(written);
    Split parts = split(text);
    if (parts.number.empty()) {
        return {};
    }
    const std::size_t unit = parts.unit.find_first_not_of(" .");
    if (unit == std::string_view::npos) {
        return fmt::format("{}{}", parts.number, family.usual);
    }
    parts.unit.remove_prefix(unit);
    const std::string_view meant = unit_meant(family, parts.unit);
    if (!meant.empty()) {
        return fmt::format("{}{}", parts.number, meant);
    }
    return family.units.data() == kDurationUnits ? summed(family, text) : std::string();
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

Result<RecordRate, QuantityError> records_at(std::int64_t bits_per_second,
                                             std::int64_t record_bytes) {
    const std::int64_t second = std::gcd(bits_per_second, kByteBits * kSecondNs);
    const std::int64_t size = std::gcd(bits_per_second / second, record_bytes);
    const std::int64_t records = bits_per_second / second / size;
    const Wide per = Wide{kByteBits * kSecondNs / second} * (record_bytes / size);
    if (records > per) {
        return Err{out_of_range(
            fmt::format("it makes more than 1000000000 records of {} B a second", record_bytes))};
    }
    if (per >= kDurationEndNs) {
        return Err{
            out_of_range(fmt::format("it cannot be counted in records of {} B", record_bytes))};
    }
    return RecordRate{records, nanoseconds(static_cast<std::int64_t>(per))};
}

bool is_bit_rate(std::string_view text) {
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

namespace {

constexpr std::string_view kDriftUnit = "ppm";

// "20ppm" for "20", "20 ppm" and "20PPM"; empty if there is no number.
std::string drift_meant(std::string_view text) {
    const bool negative = text.starts_with('-');
    const std::string rest = cleaned(text.substr(negative ? 1 : 0));
    const Split parts = split(rest);
    const std::size_t unit = std::min(parts.unit.find_first_not_of(' '), parts.unit.size());
    const std::string_view written = parts.unit.substr(unit);
    const bool likely = written.empty() || equal_ignoring_case(written, kDriftUnit);
    return parts.number.empty() || !likely
               ? std::string()
               : fmt::format("{}{}{}", negative ? "-" : "", parts.number, kDriftUnit);
}

}  // namespace

Result<Ratio, QuantityError> parse_drift(std::string_view text) {
    constexpr std::int64_t kEnd = 1'000'000;
    const bool negative = text.starts_with('-');
    const Split parts = split(text.substr(negative ? 1 : 0));
    if (parts.number.empty() || parts.unit != kDriftUnit) {
        return Err{QuantityError{Kind::Malformed, fmt::format("\"{}\" is no drift", text),
                                 drift_meant(text)}};
    }
    auto ratio = Ratio::parse(parts.number);
    if (!ratio) {
        return Err{out_of_range(fmt::format("\"{}\" has too many digits", text))};
    }
    if (Wide{ratio->numerator} >= Wide{kEnd} * ratio->denominator) {
        return Err{out_of_range(
            fmt::format("\"{}\" is not less than {}{} either way", text, kEnd, kDriftUnit))};
    }
    if (negative) {
        ratio->numerator = -ratio->numerator;
    }
    return *ratio;
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
