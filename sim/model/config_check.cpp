// The values that a setting may have: its type first, then its rule.
#include <algorithm>
#include <fmt/format.h>
#include <limits>

#include "sim/base/check.h"
#include "sim/base/ratio.h"
#include "sim/model/config_def.h"
#include "sim/model/config_parse.h"

namespace bsim {
namespace {

using config_parse::trim;
using Rule = ConfigRule::Kind;

// DEVIATION: Kafka puts no such bounds on these settings (or wider ones); the simulator refuses
// what would make a timer fire for ever without time advancing, divide by zero, or take memory
// for millions of threads or partitions.
struct Bounds {
    std::string_view name;
    std::string_view min;
    std::string_view max = {};  // empty: as Kafka has it
};
constexpr Bounds kBounds[] = {
    {"auto.commit.interval.ms", "1"},
    {"broker.heartbeat.interval.ms", "1"},
    {"broker.session.timeout.ms", "1"},
    {"controlled.shutdown.max.retries", "0"},
    {"controlled.shutdown.retry.backoff.ms", "1"},
    {"controller.quorum.append.linger.ms", "0"},
    {"controller.quorum.election.backoff.max.ms", "0"},
    {"controller.quorum.election.timeout.ms", "1"},
    {"controller.quorum.fetch.timeout.ms", "1"},
    {"controller.quorum.request.timeout.ms", "1"},
    {"controller.quorum.retry.backoff.ms", "1"},
    {"controller.socket.timeout.ms", "1"},
    {"default.replication.factor", "1"},
    {"heartbeat.interval.ms", "1"},
    {"initial.broker.registration.timeout.ms", "1"},
    {"leader.imbalance.per.broker.percentage", "0"},
    {"log.flush.offset.checkpoint.interval.ms", "1"},
    {"log.flush.start.offset.checkpoint.interval.ms", "1"},
    {"num.io.threads", "1", "10000"},
    {"num.network.threads", "1", "10000"},
    {"num.replica.fetchers", "1", "10000"},
    {"offsets.topic.num.partitions", "1", "100000"},
    {"reconnect.backoff.max.ms", "1"},
    {"reconnect.backoff.ms", "1"},
    {"replica.fetch.backoff.ms", "1"},
    {"replica.fetch.min.bytes", "0"},
    {"replica.fetch.wait.max.ms", "0"},
    {"replica.high.watermark.checkpoint.interval.ms", "1"},
    {"replica.lag.time.max.ms", "1"},
    {"replica.socket.timeout.ms", "1"},
    {"request.timeout.ms", "1"},
    {"retry.backoff.max.ms", "1"},
    {"retry.backoff.ms", "1"},
};

ConfigRule effective_rule(const ConfigDef& def) {
    for (const Bounds& bounds : kBounds) {
        if (bounds.name == def.name) {
            return {Rule::Range, bounds.min, bounds.max.empty() ? def.rule.max : bounds.max, {}};
        }
    }
    return def.rule;
}

struct IntegerType {
    std::string_view name;
    std::int64_t min;
    std::int64_t max;
};

std::optional<IntegerType> integer_type(ConfigType type) {
    using std::numeric_limits;
    switch (type) {
        case ConfigType::Short:
            return IntegerType{"a 16-bit integer", numeric_limits<std::int16_t>::min(),
                               numeric_limits<std::int16_t>::max()};
        case ConfigType::Int:
            return IntegerType{"a 32-bit integer", numeric_limits<std::int32_t>::min(),
                               numeric_limits<std::int32_t>::max()};
        case ConfigType::Long:
            return IntegerType{"a 64-bit integer", numeric_limits<std::int64_t>::min(),
                               numeric_limits<std::int64_t>::max()};
        default:
            return std::nullopt;
    }
}

bool all_digits(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Double.parseDouble takes more (hexadecimal, "1d", "NaN"), which nobody writes on purpose.
bool is_decimal(std::string_view text) {
    const auto drop_sign = [](std::string_view& part) {
        if (part.starts_with('-') || part.starts_with('+')) {
            part.remove_prefix(1);
        }
    };
    drop_sign(text);
    if (const std::size_t e = text.find_first_of("eE"); e != std::string_view::npos) {
        std::string_view exponent = text.substr(e + 1);
        drop_sign(exponent);
        if (!all_digits(exponent)) {
            return false;
        }
        text = text.substr(0, e);
    }
    const std::size_t point = std::min(text.find('.'), text.size());
    const std::string_view whole = text.substr(0, point);
    const std::string_view fraction = text.substr(std::min(point + 1, text.size()));
    return (all_digits(whole) || all_digits(fraction)) && (whole.empty() || all_digits(whole)) &&
           (fraction.empty() || all_digits(fraction));
}

// A decimal number with a sign; nullopt if it is none, or has more digits than Ratio holds.
std::optional<Ratio> signed_ratio(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) {
        text.remove_prefix(1);
    }
    auto ratio = Ratio::parse(text);
    if (ratio && negative) {
        ratio->numerator = -ratio->numerator;
    }
    return ratio;
}

bool less(const Ratio& a, const Ratio& b) {
    __extension__ using Wide = __int128;
    return Wide{a.numerator} * b.denominator < Wide{b.numerator} * a.denominator;
}

// Is the number outside of the bounds? Both are decimal text, whole numbers up to 64 bits included.
bool outside(std::string_view value, std::string_view min, std::string_view max) {
    if (const auto whole = config_parse::integer(value)) {
        const auto low = config_parse::integer(min);
        const auto high = config_parse::integer(max);
        if ((min.empty() || low) && (max.empty() || high)) {
            return (low && *whole < *low) || (high && *whole > *high);
        }
    }
    const auto number = signed_ratio(value);
    const auto low = signed_ratio(min);
    const auto high = signed_ratio(max);
    return !number || (low && less(*number, *low)) || (high && less(*high, *number));
}

std::string bounds_text(std::string_view min, std::string_view max) {
    if (max.empty()) {
        return fmt::format("at least {}", min);
    }
    return fmt::format("from {} to {}", min, max);
}

bool is_number(ConfigType type) {
    return integer_type(type).has_value() || type == ConfigType::Double;
}

std::string type_text(const ConfigDef& def) {
    if (def.type == ConfigType::Boolean) {
        return "true or false";
    }
    if (def.type == ConfigType::Double) {
        return "a decimal number";
    }
    if (const auto integer = integer_type(def.type)) {
        return std::string(integer->name);
    }
    return "text";
}

bool has_type(const ConfigDef& def, std::string_view value) {
    if (def.type == ConfigType::Boolean) {
        return config_parse::boolean(value).has_value();
    }
    if (def.type == ConfigType::Double) {
        return is_decimal(trim(value));
    }
    if (const auto type = integer_type(def.type)) {
        const auto number = config_parse::integer(value);
        return number && *number >= type->min && *number <= type->max;
    }
    return true;
}

// Every version that inter.broker.protocol.version and its kin may name: release and highest IV.
struct Release {
    std::string_view name;
    int last_iv;  // -1: the release is its only name
};
constexpr Release kReleases[] = {
    {"0.8.0", -1}, {"0.8.1", -1}, {"0.8.2", -1}, {"0.9.0", -1}, {"0.10.0", 1}, {"0.10.1", 2},
    {"0.10.2", 0}, {"0.11.0", 2}, {"1.0", 0},    {"1.1", 0},    {"2.0", 1},    {"2.1", 2},
    {"2.2", 1},    {"2.3", 1},    {"2.4", 1},    {"2.5", 0},    {"2.6", 0},    {"2.7", 2},
    {"2.8", 1},    {"3.0", 1},    {"3.1", 0},    {"3.2", 0},    {"3.3", 3},    {"3.4", 0},
    {"3.5", 2},    {"3.6", 2},    {"3.7", 4},    {"3.8", 0},    {"3.9", 0},    {"4.0", 1},
};

// A longer version counts as its first segments: 3.9.1 is 3.9.
bool is_metadata_version(std::string_view text) {
    std::size_t end = 0;
    for (int segments = text.starts_with("0.") ? 3 : 2; segments > 0; --segments) {
        end = text.find('.', end + (end == 0 ? 0U : 1U));
        if (end == std::string_view::npos) {
            break;
        }
    }
    const std::string_view key = text.substr(0, end);
    return std::any_of(std::begin(kReleases), std::end(kReleases), [&](const Release& release) {
        if (key == release.name) {
            return true;
        }
        for (int iv = 0; iv <= release.last_iv; ++iv) {
            if (key == fmt::format("{}-IV{}", release.name, iv)) {
                return true;
            }
        }
        return false;
    });
}

bool is_throttled_replicas(std::string_view text) {
    if (trim(text) == "*") {
        return true;
    }
    const auto elements = config_parse::list(text);
    return std::all_of(elements.begin(), elements.end(), [](std::string_view element) {
        const std::size_t colon = element.find(':');
        return element.empty() ||
               (colon != std::string_view::npos && all_digits(element.substr(0, colon)) &&
                all_digits(element.substr(colon + 1)));
    });
}

bool is_word(std::string_view words, std::string_view value) {
    const auto legal = config_parse::list(words);
    return std::find(legal.begin(), legal.end(), value) != legal.end();
}

bool is_word_ignoring_case(std::string_view words, std::string_view value) {
    const auto legal = config_parse::list(words);
    return std::any_of(legal.begin(), legal.end(), [&](std::string_view word) {
        return config_parse::equal_ignoring_case(word, value);
    });
}

bool obeys(const ConfigRule& rule, std::string_view value) {
    switch (rule.kind) {
        case Rule::Any:
            return true;
        case Rule::Range:
            return !outside(value, rule.min, rule.max);
        case Rule::RangeOrMinusOne:
            return !outside(value, rule.min, rule.max) || config_parse::integer(value) == -1;
        case Rule::OneOf:
            return is_word(rule.words, value);
        case Rule::OneOfNoCase:
            return is_word_ignoring_case(rule.words, value);
        case Rule::ListOf: {
            const auto elements = config_parse::list(value);
            return std::all_of(elements.begin(), elements.end(),
                               [&](std::string_view e) { return is_word(rule.words, e); });
        }
        case Rule::NonEmpty:
            return !value.empty();
        case Rule::MetadataVersion:
            return is_metadata_version(value);
        case Rule::ThrottledReplicas:
            return is_throttled_replicas(value);
    }
    return false;
}

std::string expected_text(const ConfigDef& def, const ConfigRule& rule) {
    switch (rule.kind) {
        case Rule::Any:
            return type_text(def);
        case Rule::Range:
            return fmt::format("{}, {}", type_text(def), bounds_text(rule.min, rule.max));
        case Rule::RangeOrMinusOne:
            return fmt::format("{}, {} or -1", type_text(def), bounds_text(rule.min, rule.max));
        case Rule::OneOf:
        case Rule::OneOfNoCase:
            return std::string(rule.words);
        case Rule::ListOf:
            return fmt::format("a list, separated by commas, of: {}", rule.words);
        case Rule::NonEmpty:
            return "text that is not empty";
        case Rule::MetadataVersion:
            return "a release such as 3.9 or 3.9-IV0";
        case Rule::ThrottledReplicas:
            return "* or a list of PARTITION:BROKER, separated by commas";
    }
    return {};
}

}  // namespace

std::optional<ConfigProblem> check_config_value(const ConfigDef& def, std::string_view value) {
    const ConfigRule rule = effective_rule(def);
    const bool typed = has_type(def, value);
    if (typed && obeys(rule, trim(value))) {
        return std::nullopt;
    }
    ConfigProblem problem;
    problem.kind = ConfigProblem::Kind::IllegalValue;
    problem.name = def.name;
    problem.expected = expected_text(def, rule);
    if (!typed) {
        problem.message =
            fmt::format("\"{}\" must be {}, got \"{}\"", def.name, type_text(def), value);
    } else if (is_number(def.type)) {
        problem.message =
            fmt::format("\"{}\" must be {}{}, got {}", def.name, bounds_text(rule.min, rule.max),
                        rule.kind == Rule::RangeOrMinusOne ? " or -1" : "", trim(value));
    } else {
        problem.message = fmt::format("\"{}\" cannot be \"{}\"", def.name, value);
    }
    return problem;
}

}  // namespace bsim
